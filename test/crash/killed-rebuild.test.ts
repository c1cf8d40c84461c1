import assert from 'node:assert/strict'
import { join } from 'node:path'
import { it } from 'node:test'
import { armFaults, disarmFaults, type FaultPoint, SimulatedCrash } from '#foundation/faults/fault-points.ts'
import { systemClock } from '#foundation/time/clock.ts'
import { runBounded } from '#services/runs/bounded-run.ts'
import type { Platform } from '#services/runs/platform.ts'
import { rebuildRun } from '#services/runs/rebuild-run.ts'
import firstQuery from '../../examples/first-query/app.ts'
import { embeddedPlatform } from '../../src/wiring.ts'
import { withScratchFolder } from '../support/scratch-folder.ts'

const INPUT = 'examples/first-query/readings.ndjson'

async function run(folder: string): Promise<readonly string[]> {
  const inputs = new Map([['readings', [await embeddedPlatform.openFile(INPUT)]]])
  await runBounded({
    app: firstQuery,
    inputs,
    lateness: 'none',
    folder,
    kept: true,
    platform: embeddedPlatform,
    clock: systemClock,
  })
  const reader = embeddedPlatform.openResults(folder)
  try {
    return [...reader.rows('warmth')].map(({ row }) => row)
  } finally {
    reader.close()
  }
}

/** A rebuild that ends where `crash` says; the run is gone on with afterwards. */
async function assertWholeAfter(crash: (folder: string) => Promise<unknown>): Promise<void> {
  await withScratchFolder(async (folder) => {
    const data = join(folder, 'data')
    const wanted = await run(data)
    assert.ok(wanted.length > 0)
    await assert.rejects(crash(data), SimulatedCrash)
    assert.deepEqual(await run(data), wanted)
  })
}

it('a rebuild that dies when the old state is gone and the new not begun leaves a run that goes on', () =>
  assertWholeAfter((folder) => {
    const dying: Platform = {
      ...embeddedPlatform,
      openEngine: (place) => ({
        ...embeddedPlatform.openEngine(place),
        capabilities: embeddedPlatform.openEngine(place).capabilities,
        openJob: () => Promise.reject(new SimulatedCrash('job.batch-read')),
      }),
    }
    return rebuildRun({ app: firstQuery, folder, queries: 'all', platform: dying })
  }))

const points: readonly FaultPoint[] = ['job.batch-read', 'job.state-written', 'job.committed', 'job.windows-closed']
for (const point of points) {
  for (const queries of ['all', ['warmth']] as const) {
    it(`a rebuild of ${queries} that dies at ${point} leaves a run that goes on`, () =>
      assertWholeAfter(async (folder) => {
        armFaults((passed) => {
          if (passed === point) throw new SimulatedCrash(point)
        })
        try {
          await rebuildRun({ app: firstQuery, folder, queries, platform: embeddedPlatform })
        } finally {
          disarmFaults()
        }
      }))
  }
}
