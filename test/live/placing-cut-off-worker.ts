import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { armFaults, type FaultPoint } from '#foundation/faults/fault-points.ts'
import { threadData } from '#foundation/threads/thread.ts'
import type { ThreadData } from '#services/live/live-app-context.ts'

/** A thread of a live app in which the first placing of repaired records ends at a point, as if the disk were full. */
const point: FaultPoint = 'placing.records-placed'
const done = join(threadData<ThreadData>().folder, 'placing-was-cut-off')
armFaults((passed) => {
  if (passed !== point || existsSync(done)) return
  writeFileSync(done, '')
  throw new MysimbdpError('MSB_DISK_FULL', 'the disk of a test is full')
})
await import('../../src/worker.ts')
