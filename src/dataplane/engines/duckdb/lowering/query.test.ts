import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { OutputNode } from '#language/plan/plan.ts'
import { type BatchOptions, type BatchResult, evaluateWithDuckDb } from '../duckdb-engine.ts'
import {
  aggregate,
  app,
  call,
  field,
  int,
  literal,
  named,
  output,
  records,
  sliding,
  source,
  tumbling,
  windowed,
} from '../hand-made-plans.fixture.ts'
import type { BatchRecord } from '../load-records.ts'

const count = named('n', aggregate('count'))

async function evaluate(
  node: OutputNode,
  rows: readonly BatchRecord[],
  options: BatchOptions = { end: 'bounded' },
  timeZone = 'UTC',
): Promise<BatchResult> {
  const { queries } = await evaluateWithDuckDb(app({ q: node }, timeZone), { readings: rows }, options)
  return queries.q!
}

const at = (...times: readonly number[]) => records(times.map((time) => ({ at: time })))
const startsAndCounts = ({ rows }: BatchResult): readonly unknown[] =>
  rows.map((row) => [Date.parse(JSON.parse(row).window.start), JSON.parse(row).n])

describe('lateness in DuckDB', () => {
  const query = output(windowed(source({}, 5), sliding(20, 10), [count]), 'append')
  const asStream: BatchOptions = { end: 'as-stream' }

  it('judges each record by the watermark before it and each of its windows, and counts it once', async () => {
    // After 30 the watermark is 25: 14 misses [0, 20) and still counts in [10, 30).
    const result = await evaluate(query, at(30, 14, 31, 3), asStream)
    assert.deepEqual(startsAndCounts(result), [
      [10, 1],
      [20, 2],
      [30, 2],
    ])
    assert.equal(result.late, 2)
    assert.deepEqual(result.lateRecords, [
      { partition: 0, offset: 1, windows: [0] },
      { partition: 0, offset: 3, windows: [-10, 0] },
    ])
  })

  it('calls a record late whose window ends exactly at the watermark', async () => {
    const node = output(windowed(source({}, 5), tumbling(10), [count]))
    assert.deepEqual((await evaluate(node, at(15, 9), asStream)).lateRecords, [
      { partition: 0, offset: 1, windows: [0] },
    ])
    assert.equal((await evaluate(node, at(14, 9), asStream)).late, 0)
  })

  it('goes by the own partition and by offset, whatever the order of the records given', async () => {
    const rows = [...records([{ at: 100 }, { at: 1 }], 0), ...records([{ at: 1 }, { at: 2 }], 1)].reverse()
    const result = await evaluate(query, rows, asStream)
    assert.deepEqual(result.lateRecords, [{ partition: 0, offset: 1, windows: [-10, 0] }])
  })

  it('takes the watermark before any filter, and does not call a record late that a filter leaves out', async () => {
    const passes = call('notEqual', field('v'), literal(int, 0))
    const filtered = output(
      windowed({ kind: 'Filter', input: source({ v: int }, 5), predicate: passes }, tumbling(10), [count]),
    )
    const rows = records([
      { at: 30, v: 0 },
      { at: 1, v: 0 },
      { at: 2, v: null },
      { at: 3, v: 1 },
    ])
    assert.deepEqual((await evaluate(filtered, rows, asStream)).lateRecords, [
      { partition: 0, offset: 3, windows: [0] },
    ])
  })

  it('has no late records in a bounded run and without a watermark', async () => {
    assert.equal((await evaluate(query, at(100, 1))).late, 0)
    assert.equal(
      (await evaluate(output(windowed(source({}, null), tumbling(10), [count])), at(100, 1), asStream)).late,
      0,
    )
  })

  it('lets complete keep windows open for as long as it keeps their rows', async () => {
    const node = (keepMs: number | null) => output(windowed(source({}, 5), tumbling(10), [count]), 'complete', keepMs)
    assert.equal((await evaluate(node(100), at(114, 9), asStream)).late, 0)
    assert.equal((await evaluate(node(100), at(115, 9), asStream)).late, 1)
    assert.equal((await evaluate(node(null), at(1_000_000, 9), asStream)).late, 0)
  })
})

describe('open input in DuckDB', () => {
  const node = (mode: OutputNode['mode'], keepMs: number | null = null) =>
    output(windowed(source({}, 5), tumbling(10), [count]), mode, keepMs)
  const two = [...records([{ at: 5 }, { at: 40 }], 0), ...records([{ at: 6 }, { at: 25 }], 1)]

  it('gives append rows only for windows that the slowest partition has passed', async () => {
    assert.deepEqual(startsAndCounts(await evaluate(node('append'), two, { end: 'open' })), [[0, 2]])
    assert.deepEqual(startsAndCounts(await evaluate(node('append'), two, { end: 'as-stream' })), [
      [0, 2],
      [20, 1],
      [40, 1],
    ])
  })

  it('closes nothing while a partition is empty', async () => {
    assert.deepEqual((await evaluate(node('append'), two, { end: 'open', partitions: { readings: 3 } })).rows, [])
  })

  it('gives all rows of update, and of complete those whose keep has not passed', async () => {
    assert.equal((await evaluate(node('update'), two, { end: 'open' })).rows.length, 3)
    assert.equal((await evaluate(node('complete', null), two, { end: 'open' })).rows.length, 3)
    assert.equal((await evaluate(node('complete', 10), two, { end: 'open' })).rows.length, 2)
    assert.equal((await evaluate(node('complete', 11), two, { end: 'open' })).rows.length, 3)
  })
})
