import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { app } from '#language/query/app.ts'
import { count, sum } from '#language/query/expressions.ts'
import { int, schema, timestamp } from '#language/query/fields.ts'
import { type QueryDraft, stream } from '#language/query/stream.ts'
import { sliding, tumbling } from '#language/query/windows.ts'
import type { LoggedBatch } from '../../../records/record-batch.ts'
import { compileQuery } from '../compile/compile-query.ts'
import type { Operator } from './operator.ts'

const DELAY_MS = 1000
const reading = schema('reading', { at: timestamp(), v: int() })
const readings = stream('readings', { schema: reading, eventTime: 'at', watermark: '1 second' })

function operatorOf(query: QueryDraft): Operator {
  const { plan } = app('test', { timeZone: 'UTC' }, { query })
  return compileQuery(plan.queries[0]!, 'UTC', { keepAllRows: false, boundMs: Number.NEGATIVE_INFINITY })
}

/** The first records of a partition. */
function batchOf(times: readonly number[], values: readonly number[]): LoggedBatch {
  const eventTimes = Float64Array.from(times)
  return {
    partition: 0,
    baseOffset: 0,
    endOffset: times.length,
    received: times.length,
    arrivalMs: 0,
    maxEventTimeBefore: Number.NEGATIVE_INFINITY,
    minEventTime: times.reduce((a, b) => Math.min(a, b)),
    maxEventTime: times.reduce((a, b) => Math.max(a, b)),
    batch: {
      schema: reading,
      rows: times.length,
      columns: [
        { layout: 'float64', values: eventTimes, nulls: null },
        { layout: 'int32', values: Int32Array.from(values), nulls: null },
      ],
      eventTimes,
      positions: null,
    },
  }
}

describe('a window aggregate', () => {
  it('closes a window of more groups than a call takes arguments', () => {
    const groups = [...Array(150_000).keys()]
    const windows = readings.window(tumbling('5 seconds')).groupBy('v').aggregate({ n: count() })
    for (const query of [windows.output('append'), windows.output('complete', { keep: '0 seconds' })]) {
      const operator = operatorOf(query)
      operator.process(
        batchOf(
          groups.map(() => 0),
          groups,
        ),
        DELAY_MS,
      )
      const { rows, removedKeys } = operator.takeChanges(5000)
      assert.equal([...rows].length, groups.length)
      assert.equal(removedKeys.length, query.mode === 'complete' ? groups.length : 0)
    }
  })

  it('adds each record that is late for some windows to those it is not late for, by its own argument', () => {
    const operator = operatorOf(
      readings
        .window(sliding('10 seconds', '5 seconds'))
        .aggregate(({ v }) => ({ n: count(), doubled: sum(v.multiply(2)) }))
        .output('append'),
    )
    operator.process(batchOf([12_000, 6000, 7000, 13_000], [1, 10, 100, 1000]), DELAY_MS)
    const { rows, late } = operator.takeChanges(20_000)
    assert.deepEqual(
      Array.from(rows, ({ key, row }) => [key, row.slice(row.indexOf('"n"'))]),
      [
        ['5000', '"n":4,"doubled":2222}'],
        ['10000', '"n":2,"doubled":2002}'],
      ],
    )
    assert.deepEqual(
      late.map(({ offset, windows }) => [offset, ...windows]),
      [
        [1, 0],
        [2, 0],
      ],
    )
  })
})
