import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { FileSource } from '#dataplane/sources/file/file-source.ts'
import { armFaults, disarmFaults, type FaultPoint, SimulatedCrash } from '#foundation/faults/fault-points.ts'
import { systemClock } from '#foundation/time/clock.ts'
import { resultOrder } from '#language/plan/result-order.ts'
import { runBounded } from '#services/runs/bounded-run.ts'
import taxi from '../../examples/chicago-taxi/app.ts'
import { embeddedPlatform } from '../../src/wiring.ts'
import { withScratchFolder } from '../support/scratch-folder.ts'

const RECORDS = 10_000

/** One attempt of the run; what it served, or undefined when it crashed. */
async function attempt(folder: string, input: string): Promise<string | undefined> {
  try {
    const inputs = new Map([['ingestData', [await FileSource.open(input)]]])
    const report = await runBounded({
      app: taxi,
      inputs,
      lateness: 'as-stream',
      folder,
      kept: true,
      platform: embeddedPlatform,
      clock: systemClock,
    })
    return JSON.stringify([report.inputs, served(folder)])
  } catch (error) {
    if (error instanceof SimulatedCrash) return undefined
    throw error
  }
}

function served(folder: string): readonly unknown[] {
  const reader = embeddedPlatform.openResults(folder)
  try {
    return taxi.plan.queries.map(({ name, output }) => [
      name,
      [...reader.rows(name)].sort(resultOrder(output)),
      [...reader.late(name)],
      reader.lateRecords(name),
    ])
  } finally {
    reader.close()
  }
}

async function runCrashingAt(
  input: string,
  crashNow: (point: FaultPoint, hit: number) => boolean,
): Promise<{ outcome: string; crashes: number }> {
  return withScratchFolder(async (folder) => {
    let crashes = 0
    armFaults((point, hit) => {
      if (!crashNow(point, hit)) return
      crashes++
      throw new SimulatedCrash(point)
    })
    try {
      for (;;) {
        const outcome = await attempt(join(folder, 'run'), input)
        if (outcome !== undefined) return { outcome, crashes }
      }
    } finally {
      disarmFaults()
    }
  })
}

describe('a bounded run that crashes goes on with the same command', () => {
  const points: readonly FaultPoint[] = [
    'run.input-read',
    'run.finished',
    'log.batch-written',
    'log.append-committed',
    'job.state-written',
    'job.committed',
    'job.windows-closed',
  ]
  for (const point of points) {
    it(`at ${point}, each time it is passed for the first three times`, async () => {
      await withScratchFolder(async (folder) => {
        const input = join(folder, 'trips.ndjson')
        const lines = [
          ...taxi.streams.ingestData!.sample!.generate({
            records: RECORDS,
            seed: 7,
            date: '2024-11-03',
            timeZone: 'America/Chicago',
            faults: 0.01,
          }),
        ]
        // Disorder, so that there are late records.
        writeFileSync(input, lines.map((line, i) => (i % 97 === 0 ? lines[(i * 31) % lines.length]! : line)).join('\n'))
        const calm = await runCrashingAt(input, () => false)
        let hits = 0
        const stormy = await runCrashingAt(input, (passed) => passed === point && ++hits <= 3)
        assert.ok(stormy.crashes > 0, 'it crashed')
        assert.equal(stormy.outcome, calm.outcome)
      })
    })
  }
})
