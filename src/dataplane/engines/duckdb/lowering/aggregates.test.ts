import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Expression } from '#language/expressions/expression.ts'
import type { FieldType, Value } from '#language/schemas/field-types.ts'
import { evaluateWithDuckDb } from '../duckdb-engine.ts'
import {
  aggregate,
  app,
  boolean,
  call,
  date,
  decimal,
  double,
  field,
  float,
  int,
  literal,
  long,
  named,
  output,
  records,
  source,
  text,
  timestamp,
  tumbling,
  windowed,
} from '../hand-made-plans.fixture.ts'

/** The result, as it stands in the row, of one aggregation of `v` over one window. */
async function over(
  type: FieldType,
  values: readonly Value[],
  expression: Expression,
  times?: readonly number[],
): Promise<string> {
  const node = output(
    windowed(source({ v: type }), tumbling(1000), [named('r', expression), named('n', aggregate('count'))]),
  )
  const rows = records(values.map((v, i) => ({ at: times?.[i] ?? i, v })))
  const { queries } = await evaluateWithDuckDb(app({ q: node }), { readings: rows }, { end: 'bounded' })
  return /"r":(.*),"n":\d+}$/.exec(queries.q!.rows[0]!)![1]!
}

const v = field('v')

it('counts records, values, and those for which a condition is true', async () => {
  assert.equal(await over(int, [1, null, 3], aggregate('count')), '3')
  assert.equal(await over(int, [1, null, 3], aggregate('count', v)), '2')
  assert.equal(await over(int, [1, null, 3], aggregate('countIf', call('greater', v, literal(int, 1)))), '1')
})

it('gives null for nothing, and 0 where it counts', async () => {
  for (const name of ['sum', 'avg', 'min', 'max', 'first', 'last'] as const) {
    for (const type of [int, double, decimal(10, 2)])
      assert.equal(await over(type, [null, null], aggregate(name, v)), 'null', name)
  }
  assert.equal(await over(int, [null], aggregate('count', v)), '0')
  assert.equal(await over(int, [null], aggregate('countIf', call('greater', v, literal(int, 1)))), '0')
})

it('sums whole numbers exactly in 64 bits, and gives null beyond', async () => {
  assert.equal(await over(long, [9223372036854775806n, 1n], aggregate('sum', v)), '9223372036854775807')
  assert.equal(await over(long, [9223372036854775807n, 1n], aggregate('sum', v)), 'null')
  assert.equal(await over(long, [9223372036854775807n, 1n, -5n], aggregate('sum', v)), '9223372036854775803')
  assert.equal(await over(int, [2147483647, 2147483647], aggregate('sum', v)), '4294967294')
})

it('divides the exact sum of whole numbers for their mean', async () => {
  assert.equal(await over(int, [1, 2, null], aggregate('avg', v)), '1.5')
  assert.equal(
    await over(long, [9223372036854775807n, 9223372036854775807n], aggregate('avg', v)),
    '9223372036854776000',
  )
})

it('keeps money exact and rounds its mean once, half away from zero', async () => {
  const money = decimal(18, 2)
  assert.equal(await over(money, [999999999999999999n, 1n], aggregate('sum', v)), '10000000000000000.00')
  assert.equal(await over(money, [100n, 100n, 101n], aggregate('avg', v)), '1.003333')
  assert.equal(await over(money, [-100n, -100n, -101n, -101n, -101n, -101n, -101n], aggregate('avg', v)), '-1.007143')
  // 1.0049995 is 1.005000 at four more digits, and that is 1.01 (rule 4.2).
  const values = [...Array.from({ length: 1999 }, () => 1005n), 1004n]
  assert.equal(await over(decimal(10, 3), values, call('round', aggregate('avg', v), literal(int, 2))), '1.01')
})

it('sums doubles with compensation, as Neumaier does', async () => {
  assert.equal(await over(double, [1e16, 1, -1e16], aggregate('sum', v)), '1')
  assert.equal(await over(double, [0.1, 0.2, null, 0.3], aggregate('avg', v)), '0.19999999999999998')
  assert.equal(await over(double, [1e308, 1e308], aggregate('sum', v)), 'null')
  assert.equal(await over(float, [0.5, 0.25], aggregate('sum', v)), '0.75')
})

it('finds least and greatest of every ordered type', async () => {
  assert.equal(await over(text, ['\u{1F600}', '\uFFFD', null], aggregate('max', v)), '"\u{1F600}"')
  assert.equal(await over(decimal(10, 2), [-1n, 250n], aggregate('min', v)), '-0.01')
  assert.equal(await over(date, [19000, 3], aggregate('min', v)), '"1970-01-04"')
  assert.equal(await over(timestamp, [5, 3], aggregate('max', v)), '"1970-01-01T00:00:00.005Z"')
  assert.equal(await over(float, [Math.fround(0.1), 0], aggregate('max', v)), '0.1')
})

it('takes first and last by event time, then partition and offset, and skips nulls', async () => {
  assert.equal(await over(int, [null, 2, 3, null], aggregate('first', v), [0, 5, 4, 9]), '3')
  assert.equal(await over(int, [1, 2, 3, null], aggregate('last', v), [5, 5, 4, 9]), '2')
  assert.equal(await over(boolean, [true, false], aggregate('first', v), [5, 5]), 'true')
})

it('computes expressions over aggregates, with digits for sums', async () => {
  assert.equal(await over(decimal(10, 2), [1n, 2n], call('divide', aggregate('sum', v), aggregate('count'))), '0.015')
  assert.equal(
    await over(decimal(10, 2), [150n, 250n], call('multiply', aggregate('sum', v), aggregate('count'))),
    '8.00',
  )
  assert.equal(await over(decimal(10, 3), [1005n], call('round', aggregate('sum', v), literal(int, 2))), '1.01')
})
