import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { type Database, openDatabase } from '#foundation/sqlite/database.ts'
import type { QueryPlan } from '#language/plan/plan.ts'
import { app } from '#language/query/app.ts'
import { avg, count, first, max, sum } from '#language/query/expressions.ts'
import { double, int, schema, string, timestamp } from '#language/query/fields.ts'
import { stream } from '#language/query/stream.ts'
import { calendar, sliding, tumbling } from '#language/query/windows.ts'
import type { LoggedBatch } from '../../../records/record-batch.ts'
import { compileQuery } from '../compile/compile-query.ts'
import { BatchSharing } from '../sharing/batch-sharing.ts'
import { SPILLED_TABLE, SqliteSpilledState } from '../state/sqlite-spilled-state.ts'
import type { Operator } from './operator.ts'
import { StateBudget } from './state-budget.ts'

const DELAY_MS = 10_000
const KEPT_MS = 60_000
const START_MS = Date.UTC(2024, 3, 14, 4, 58)

const reading = schema('reading', { at: timestamp(), id: int(), text: string(), value: double() })
const readings = stream('readings', { schema: reading, eventTime: 'at', watermark: '10 seconds' })
const overlapping = sliding('40 seconds', '10 seconds')
const { plan } = app(
  'test',
  { timeZone: 'America/Chicago' },
  {
    sums: readings
      .window(overlapping)
      .groupBy('id')
      .aggregate({ sum: sum('value') })
      .output('append'),
    texts: readings
      .window(tumbling('30 seconds'))
      .groupBy('text', 'id')
      .aggregate({ most: max('text'), first: first('value'), all: count() })
      .output('append'),
    changes: readings
      .window(overlapping)
      .groupBy('id')
      .aggregate({ mean: avg('value') })
      .output('update'),
    days: readings
      .window(calendar('day'))
      .groupBy('text')
      .aggregate({ sum: sum('value') })
      .output('update'),
    recent: readings
      .window(tumbling('20 seconds'))
      .groupBy('id')
      .aggregate({ all: count() })
      .output('complete', { keep: '1 minute' }),
    all: readings
      .window(tumbling('5 seconds'))
      .aggregate({ sum: sum('value') })
      .output('append'),
  },
)

interface Reading {
  readonly behindMs: number
  readonly id: number
  readonly value: number
}
const arbitraryReading: fc.Arbitrary<Reading> = fc.record({
  behindMs: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 70_000 })),
  id: fc.integer({ min: 1, max: 30 }),
  // Far apart, so that their sums depend on the order of additions.
  value: fc.constantFrom(1e48, -1e48, 1e32, -1e32, 1e16, -1e16, 1, 0.1),
})

/** A reading each 300 ms, or somewhat behind. */
function batchesOf(some: readonly Reading[], size: number): readonly LoggedBatch[] {
  const batches: LoggedBatch[] = []
  let greatest = Number.NEGATIVE_INFINITY
  for (let base = 0; base < some.length; base += size) {
    const part = some.slice(base, base + size)
    const eventTimes = Float64Array.from(part, ({ behindMs }, row) => START_MS + (base + row) * 300 - behindMs)
    const dictionary = { entries: Array.from({ length: 10 }, (_, i) => `t${i}`) }
    batches.push({
      partition: 0,
      baseOffset: base,
      endOffset: base + part.length,
      received: part.length,
      arrivalMs: 0,
      maxEventTimeBefore: greatest,
      minEventTime: Math.min(...eventTimes),
      maxEventTime: Math.max(...eventTimes),
      batch: {
        schema: reading,
        rows: part.length,
        columns: [
          { layout: 'float64', values: eventTimes, nulls: null },
          { layout: 'int32', values: Int32Array.from(part, ({ id }) => id), nulls: null },
          { layout: 'dictionary', codes: Int32Array.from(part, ({ id }) => id % 10), dictionary },
          { layout: 'float64', values: Float64Array.from(part, ({ value }) => value), nulls: null },
        ],
        eventTimes,
        positions: null,
      },
    })
    greatest = Math.max(greatest, ...eventTimes)
  }
  return batches
}

/** All that each commit of each query changed, in an order of its own. */
function changesOf(batches: readonly LoggedBatch[], operators: readonly Operator[], queries: readonly QueryPlan[]) {
  const commits: unknown[] = []
  const commit = (watermarkMs: number): void => {
    for (const operator of operators) {
      const { rows, removedKeys, late, takeState } = operator.takeChanges(watermarkMs)
      commits.push({ rows: [...rows].sort((a, b) => (a.key < b.key ? -1 : 1)), removed: [...removedKeys].sort(), late })
      takeState({ stored: true })
      commits.push(operator.openWindowEndMs)
    }
  }
  for (const batch of batches) {
    for (const [i, operator] of operators.entries())
      operator.process(batch, DELAY_MS + (queries[i]!.output.mode === 'complete' ? KEPT_MS : 0))
    commit(Math.max(batch.maxEventTimeBefore, batch.maxEventTime) - DELAY_MS)
  }
  commit(Number.POSITIVE_INFINITY)
  return commits
}

function operatorsOf(database: Database | null, budgetBytes: number): readonly Operator[] {
  const budget = new StateBudget(budgetBytes)
  const sharing = new BatchSharing()
  const options = { keepAllRows: false, boundMs: Number.NEGATIVE_INFINITY }
  return plan.queries.map((query) => {
    const overflow = database && { budget, state: new SqliteSpilledState(database, query.name) }
    return compileQuery(query, plan.timeZone, options, sharing, overflow)
  })
}

it('no commit changes with the memory there is for groups', () => {
  const database = openDatabase(':memory:', { synchronous: 'OFF', damagedCode: 'MSB_STATE_DAMAGED' })
  database.exec(SPILLED_TABLE)
  let spilled = 0
  fc.assert(
    fc.property(
      fc.array(arbitraryReading, { minLength: 20, maxLength: 300, size: 'max' }),
      fc.integer({ min: 1, max: 60 }),
      fc.constantFrom(0, 2000, 10_000, 40_000),
      (some, size, budgetBytes) => {
        database.exec('DELETE FROM state_spilled')
        const operators = operatorsOf(database, budgetBytes)
        const batches = batchesOf(some, size)
        assert.deepEqual(
          changesOf(batches, operators, plan.queries),
          changesOf(batches, operatorsOf(null, 0), plan.queries),
        )
        spilled += operators.reduce((sum, operator) => sum + operator.spilledGroups, 0)
        assert.equal(database.prepare<{ n: number }>('SELECT count(*) AS n FROM state_spilled').get()!.n, 0)
      },
    ),
    { numRuns: 30 },
  )
  assert.ok(spilled > 1000)
  database.close()
})

it('a query with many groups does not push out those of a small one', () => {
  const budget = new StateBudget(1000)
  const [large, small] = [{ stateBytes: 1100 }, { stateBytes: 300 }]
  budget.join(large)
  budget.join(small)
  assert.equal(budget.excessOf(small), 0)
  assert.equal(budget.excessOf(large), 850)
  assert.equal(budget.excessOf({ stateBytes: 600 }), 350)
})
