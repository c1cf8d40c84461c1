import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { systemClock } from '#foundation/time/clock.ts'
import taxi from '../../../examples/chicago-taxi/app.ts'
import { withScratchFolder } from '../../../test/support/scratch-folder.ts'
import { embeddedPlatform } from '../../wiring.ts'
import { runBounded } from './bounded-run.ts'

const RECORDS = 12_000

/** Generated trips, some spoilt, some moved back so that they are late; more than one part of a file. */
function tripLines(): string {
  const sample = taxi.streams.ingestData!.sample!
  const lines = [...sample.generate({ ...sample.defaults, records: RECORDS, faults: 0.01 })]
  return lines
    .map((line, i) =>
      i % 97 === 0 ? line.replace(/"event_timestamp":(\d+)/, (_, at) => `"event_timestamp":${at - 900_000}`) : line,
    )
    .join('\n')
}

test('runs that keep nothing and runs that keep all give the same rows and counts, on one thread and on several', () =>
  withScratchFolder(async (folder) => {
    const input = join(folder, 'trips.ndjson')
    writeFileSync(input, tripLines())
    const run = async (name: string, kept: boolean, workingThreads: number) => {
      const data = join(folder, name)
      const source = await embeddedPlatform.openFile(input)
      const report = await runBounded({
        app: taxi,
        inputs: new Map([['ingestData', [source]]]),
        lateness: 'as-stream',
        folder: data,
        kept,
        platform: embeddedPlatform,
        clock: systemClock,
        workingThreads,
      })
      const results = embeddedPlatform.openResults(data)
      const queries = taxi.plan.queries.map(({ name: query }) => ({
        query,
        rows: [...results.select(query, {})].map(({ key, row }) => [key, row]),
        late: results.lateRecords(query),
      }))
      results.close()
      return { report, queries, progress: source.progress }
    }
    const kept = await run('kept', true, 1)
    assert.ok(kept.report.inputs.ingestData!.rejected > 50)
    assert.ok(kept.queries.some(({ late }) => late > 50))
    assert.deepEqual(await run('one', false, 1), kept)
    assert.deepEqual(await run('several', false, 2), kept)
    assert.deepEqual(await run('kept-several', true, 2), kept)
  }))
