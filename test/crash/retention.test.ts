import assert from 'node:assert/strict'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { StreamLog } from '#dataplane/brokers/broker.ts'
import { LocalBroker } from '#dataplane/brokers/local/local-broker.ts'
import type { Job } from '#dataplane/engines/engine.ts'
import { armFaults, disarmFaults, type FaultPoint, SimulatedCrash } from '#foundation/faults/fault-points.ts'
import { streamsOf } from '#language/plan/plan.ts'
import type { Retention } from '#language/query/stream.ts'
import { openLogs } from '#services/runs/bounded-run.ts'
import { decodeSource } from '#services/runs/decode-source.ts'
import { Ingest } from '#services/runs/ingest.ts'
import taxi from '../../examples/chicago-taxi/app.ts'
import { embeddedPlatform } from '../../src/wiring.ts'
import { withScratchFolder } from '../support/scratch-folder.ts'

const STREAM = 'ingestData'
const RECORDS = 80_000
const SEGMENT_BYTES = 300_000
const KEPT_BYTES = 1_000_000
/** What is kept, and the last segment with its WAL: each segment begins with the whole dictionaries of the decoder. */
const DISK_BYTES_MAX = KEPT_BYTES + 2 * 2_700_000
const POINTS: readonly FaultPoint[] = ['log.segment-retired', 'log.segment-deleted', 'log.segment-created']

const logBytes = (folder: string): number =>
  readdirSync(join(folder, 'log'), { recursive: true })
    .map((name) => statSync(join(folder, 'log', String(name))))
    .reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0)

/** One attempt: a log that forgets, and a job that follows it and says after each batch what it needs no more. Answers the largest log. */
async function ingestAndFollow(folder: string, retention: Retention | undefined): Promise<number> {
  const broker = new LocalBroker({ folder: join(folder, 'log'), segmentBytesMax: SEGMENT_BYTES })
  let job: Job | undefined
  try {
    const logs = await openLogs(taxi.plan, broker, () => retention)
    job = await embeddedPlatform.openEngine(folder).openJob({ plan: taxi.plan, streams: logs, lateness: 'as-stream' })
    const largest = await followIngest(folder, logs.get(STREAM)!, job)
    await job.finish()
    return largest
  } finally {
    job?.close()
    await broker.close()
  }
}

async function followIngest(folder: string, log: StreamLog, job: Job): Promise<number> {
  const sample = taxi.streams[STREAM]!.sample!
  const source = embeddedPlatform.openSample(STREAM, sample, { ...sample.defaults, records: RECORDS, faults: 0.001 })
  const { badRecords } = streamsOf(taxi.plan).get(STREAM)!
  const ingest = await Ingest.open({ stream: STREAM, log, badRecords, arrivalMs: () => 0, batchesAtOnce: 1 })
  let largest = 0
  const decoding = { app: taxi, stream: STREAM, platform: embeddedPlatform, threads: 0 }
  for await (const _batch of ingest.read(decodeSource(source, decoding))) {
    while (await job.step());
    job.checkpoint()
    await log.applyRetention(0, new Map(job.durablePositions.map(({ partition, offset }) => [partition, offset])))
    largest = Math.max(largest, logBytes(folder))
  }
  return largest
}

function served(folder: string): readonly unknown[] {
  const reader = embeddedPlatform.openResults(folder)
  try {
    return taxi.plan.queries.map(({ name }) => [name, [...reader.rows(name)], [...reader.late(name)]])
  } finally {
    reader.close()
  }
}

describe('a log that forgets while it is written and read', () => {
  it('stays small, and the job gives what it gives on a log that keeps all', () =>
    withScratchFolder(async (scratch) => {
      const [whole, forgetting] = [join(scratch, 'whole'), join(scratch, 'forgetting')]
      const wholeBytes = await ingestAndFollow(whole, undefined)
      const bytes = await ingestAndFollow(forgetting, { timeMs: null, bytes: KEPT_BYTES })
      assert.ok(wholeBytes > 4 * DISK_BYTES_MAX, `${wholeBytes} bytes are kept without a retention`)
      assert.ok(bytes < DISK_BYTES_MAX, `${bytes} bytes are kept`)
      assert.deepEqual(served(forgetting), served(whole))
    }))

  for (const point of POINTS) {
    it(`gives the same when it crashes at ${point} each of the first three times`, () =>
      withScratchFolder(async (scratch) => {
        const [calm, stormy] = [join(scratch, 'calm'), join(scratch, 'stormy')]
        const retention = { timeMs: null, bytes: KEPT_BYTES }
        await ingestAndFollow(calm, retention)
        let crashes = 0
        armFaults((passed) => {
          if (passed !== point || crashes === 3) return
          crashes++
          throw new SimulatedCrash(point)
        })
        try {
          for (let done = false; !done; )
            done = await ingestAndFollow(stormy, retention).then(
              () => true,
              (error: unknown) => {
                if (error instanceof SimulatedCrash) return false
                throw error
              },
            )
        } finally {
          disarmFaults()
        }
        assert.equal(crashes, 3)
        assert.deepEqual(served(stormy), served(calm))
        assert.ok(logBytes(stormy) < DISK_BYTES_MAX)
      }))
  }
})
