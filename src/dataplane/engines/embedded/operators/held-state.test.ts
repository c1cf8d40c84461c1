import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { app } from '#language/query/app.ts'
import { count } from '#language/query/expressions.ts'
import { int, schema, timestamp } from '#language/query/fields.ts'
import { type QueryDraft, stream } from '#language/query/stream.ts'
import { session } from '#language/query/windows.ts'
import type { LoggedBatch } from '../../../records/record-batch.ts'
import { compileQuery } from '../compile/compile-query.ts'
import { heldStateLimit, requireRoom } from './held-state.ts'
import type { Operator } from './operator.ts'
import { StateBudget } from './state-budget.ts'

const reading = schema('reading', { at: timestamp(), v: int() })
const readings = stream('readings', { schema: reading, eventTime: 'at', watermark: '1 second' })

const operatorOf = (query: QueryDraft, budget: StateBudget): Operator => {
  const { plan } = app('test', { timeZone: 'UTC' }, { query })
  const options = { keepAllRows: false, boundMs: Number.NEGATIVE_INFINITY }
  return compileQuery(plan.queries[0]!, 'UTC', options, undefined, { budget, state: null as never })
}

/** Records of one instant. */
function batchOf(values: readonly number[]): LoggedBatch {
  const eventTimes = new Float64Array(values.length)
  const columns = [
    { layout: 'float64', values: eventTimes, nulls: null },
    { layout: 'int32', values: Int32Array.from(values), nulls: null },
  ] as const
  return {
    ...{ partition: 0, baseOffset: 0, endOffset: values.length, received: values.length, arrivalMs: 0 },
    ...{ maxEventTimeBefore: Number.NEGATIVE_INFINITY, minEventTime: 0, maxEventTime: 0 },
    batch: { schema: reading, rows: values.length, columns, eventTimes, positions: null },
  }
}

describe('what must be in memory', () => {
  it('ends the job with what it is when it is too much', () => {
    const limit = heldStateLimit('q', null)
    requireRoom(limit, limit.bytesMax, '5 open sessions')
    assert.throws(() => requireRoom(limit, limit.bytesMax + 1, '5 open sessions'), {
      code: 'MSB_STATE_TOO_LARGE',
      message: "query 'q' holds 5 open sessions, about 513 MiB, and may hold 512",
      where: { query: 'q' },
    })
  })

  it('may be more where there is more memory for state', () => {
    const budget = new StateBudget(100 * 2 ** 20)
    assert.equal(heldStateLimit('q', { budget, state: null as never }).bytesMax, 1600 * 2 ** 20)
  })

  it('counts in the budget of the job, and goes when sessions end and keys die', () => {
    const values = [...Array(5000).keys()]
    const queries = [
      readings.window(session('5 seconds')).groupBy('v').aggregate({ n: count() }).output('append'),
      readings
        .deduplicate('v')
        .select((row) => ({ v: row.v }))
        .output('append'),
    ]
    for (const query of queries) {
      const budget = new StateBudget(1000)
      const operator = operatorOf(query, budget)
      operator.process(batchOf(values), 1000)
      assert.ok(operator.stateBytes > 80 * values.length, `${operator.stateBytes}`)
      assert.ok(budget.excessOf({ stateBytes: 2000 }) > 0)
      const { rows, takeState } = operator.takeChanges(5000)
      assert.equal([...rows].length, values.length)
      takeState({ stored: true })
      assert.equal(operator.stateBytes, 0)
      assert.equal(budget.excessOf({ stateBytes: 500 }), 0)
    }
  })
})
