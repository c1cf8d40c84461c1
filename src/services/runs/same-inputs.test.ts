import assert from 'node:assert/strict'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { armFaults, disarmFaults, type FaultPoint, SimulatedCrash } from '#foundation/faults/fault-points.ts'
import { systemClock } from '#foundation/time/clock.ts'
import taxi from '../../../examples/chicago-taxi/app.ts'
import { withScratchFolder } from '../../../test/support/scratch-folder.ts'
import { embeddedPlatform } from '../../wiring.ts'
import { runBounded } from './bounded-run.ts'

const RECORDS = 6000
/** Long enough for a file that was written now to have settled. */
const LATER = { ...systemClock, nowMs: () => systemClock.nowMs() + 3_600_000 }

/** Generated trips, some of them spoilt. */
function tripLines(): readonly string[] {
  const sample = taxi.streams.ingestData!.sample!
  return [...sample.generate({ ...sample.defaults, records: RECORDS, faults: 0.01 })]
}

const lines = tripLines()
const fileOf = (folder: string, name: string, content: readonly string[]): string => {
  const path = join(folder, name)
  writeFileSync(path, content.map((line) => `${line}\n`).join(''))
  return path
}

async function run(folder: string, files: readonly string[]) {
  const inputs = await Promise.all(files.map((file) => embeddedPlatform.openFile(file)))
  const data = join(folder, 'data')
  const report = await runBounded({
    app: taxi,
    inputs: new Map([['ingestData', inputs]]),
    lateness: 'as-stream',
    folder: data,
    kept: true,
    platform: embeddedPlatform,
    clock: LATER,
  })
  const results = embeddedPlatform.openResults(data)
  const rows = taxi.plan.queries.map(({ name }) => [...results.select(name, {})].map(({ key, row }) => [key, row]))
  results.close()
  return { report, rows, progress: inputs.map(({ progress }) => progress) }
}

async function interrupted(folder: string, files: readonly string[], at: FaultPoint): Promise<void> {
  let hits = 0
  armFaults((point) => {
    if (point === at && ++hits === 1) throw new SimulatedCrash(point)
  })
  try {
    await assert.rejects(run(folder, files), SimulatedCrash)
  } finally {
    disarmFaults()
  }
}

/** @param record counted from 1, in the text of an error */
const others = (record: string) => ({
  code: 'MSB_RUN_FOLDER_IN_USE',
  message: new RegExp(`its inputs were other ones, beginning with record ${record} of 'ingestData'`),
})

/** A line with another fare than it had. */
const changed = (line: string): string => line.replace(/"fare":[\d.]+/, '"fare":1.23')

describe('the inputs of a run that is repeated', () => {
  it('are not read when their stamps are the same, and compared when those are others', () =>
    withScratchFolder(async (folder) => {
      const input = fileOf(folder, 'trips.ndjson', lines)
      const first = await run(folder, [input])
      assert.ok(first.report.inputs.ingestData!.rejected > 10)
      assert.deepEqual({ ...first, progress: [0] }, await run(folder, [input]))
      const copy = join(folder, 'copy.ndjson')
      copyFileSync(input, copy)
      assert.deepEqual(await run(folder, [copy]), first)
      // From now on that is what is known.
      assert.deepEqual((await run(folder, [copy])).progress, [0])
    }))

  it('are the same when they are cut into other files', () =>
    withScratchFolder(async (folder) => {
      const first = await run(folder, [fileOf(folder, 'trips.ndjson', lines)])
      const parts = [lines.slice(0, 7), lines.slice(7)].map((part, i) => fileOf(folder, `part-${i}.ndjson`, part))
      assert.deepEqual((await run(folder, parts)).rows, first.rows)
    }))

  const accepted = lines.findIndex((line, i) => i > 3000 && changed(line) !== line && line.endsWith('}'))
  const rejected = lines.findIndex((line, i) => i > 3000 && !line.endsWith('}'))
  const cases: Readonly<Record<string, { readonly content: readonly string[]; readonly record: number }>> = {
    'another value in a record': { content: lines.with(accepted, changed(lines[accepted]!)), record: accepted + 1 },
    'another text that is no record': { content: lines.with(rejected, '{"spoilt otherwise'), record: rejected + 1 },
    'a record less': { content: lines.toSpliced(accepted, 1), record: accepted + 1 },
    'the last record missing': { content: lines.slice(0, -1), record: lines.length },
    'a record more at the end': { content: [...lines, lines[0]!], record: lines.length + 1 },
  }
  for (const [difference, { content, record }] of Object.entries(cases))
    it(`are other ones with ${difference}`, () =>
      withScratchFolder(async (folder) => {
        const input = fileOf(folder, 'trips.ndjson', lines)
        const first = await run(folder, [input])
        const state = readFileSync(join(folder, 'data/run.json'), 'utf8')
        const wanted = others(record.toLocaleString('en-US'))
        await assert.rejects(run(folder, [fileOf(folder, 'other.ndjson', content)]), wanted)
        assert.equal(readFileSync(join(folder, 'data/run.json'), 'utf8'), state)
        assert.deepEqual((await run(folder, [input])).rows, first.rows)
      }))

  it('may have grown behind what an interrupted run had read, and not changed in it', () =>
    withScratchFolder(async (folder) => {
      const calm = await run(join(folder, 'calm'), [fileOf(folder, 'calm.ndjson', lines)])
      const input = fileOf(folder, 'trips.ndjson', lines.slice(0, -100))
      await interrupted(folder, [input], 'log.append-committed')
      const wrong = fileOf(folder, 'wrong.ndjson', lines.with(accepted, changed(lines[accepted]!)))
      await assert.rejects(run(folder, [wrong]), others((accepted + 1).toLocaleString('en-US')))
      assert.deepEqual((await run(folder, [fileOf(folder, 'grown.ndjson', lines)])).rows, calm.rows)
    }))
})
