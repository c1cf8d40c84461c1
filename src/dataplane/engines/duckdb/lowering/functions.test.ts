import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Expression } from '#language/expressions/expression.ts'
import { evaluateWithDuckDb } from '../duckdb-engine.ts'
import {
  app,
  boolean,
  branch,
  call,
  cast,
  choose,
  date,
  decimal,
  double,
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
  uuid,
} from '../hand-made-plans.fixture.ts'

/** Computes expressions for one record and checks each against its text in the row. */
async function check(cases: readonly (readonly [Expression, string])[]): Promise<void> {
  const columns = cases.map(([expression], i) => named(`c${i}`, expression))
  const node = output({ kind: 'Project', input: source({}), columns }, 'append')
  const { queries } = await evaluateWithDuckDb(app({ q: node }), { readings: records([{ at: 0 }]) }, { end: 'bounded' })
  const expected = cases.map(([, wanted], i) => `"c${i}":${wanted}`)
  assert.deepEqual(queries.q!.rows[0]!.slice(1, -1).split(/,(?="c\d+":)/), expected)
}

const i = (value: number | null): Expression => literal(int, value)
const l = (value: string | null): Expression => literal(long, value)
const d = (value: number | null): Expression => literal(double, value)
const s = (value: string | null): Expression => literal(text, value)
const b = (value: boolean | null): Expression => literal(boolean, value)
const money = (value: string | null, precision = 10, scale = 2): Expression => literal(decimal(precision, scale), value)
const LONG_MAX = '9223372036854775807'
const LONG_MIN = '-9223372036854775808'

it('compares within and across types, and gives null for null', () =>
  check([
    [call('equal', i(1), l('1')), 'true'],
    [call('equal', money('1.50'), d(1.5)), 'true'],
    [call('less', money('1.50'), literal(decimal(5, 3), '1.501')), 'true'],
    [call('greater', l('9007199254740993'), money('9007199254740992.00', 18, 2)), 'true'],
    [call('notEqual', s('a'), s(null)), 'null'],
    [call('less', s('\uFFFD'), s('\u{1F600}')), 'true'],
    [call('lessOrEqual', b(false), b(true)), 'true'],
    [call('greaterOrEqual', literal(date, '2024-02-29'), literal(date, '2024-03-01')), 'false'],
    [call('equal', d(0), d(-0)), 'true'],
  ]))

it('knows three truth values', () =>
  check([
    [call('and', b(null), b(false)), 'false'],
    [call('and', b(null), b(true)), 'null'],
    [call('or', b(null), b(true)), 'true'],
    [call('or', b(null), b(false)), 'null'],
    [call('not', b(null)), 'null'],
    [call('isNull', b(null)), 'true'],
    [call('isNotNull', b(null)), 'false'],
    [call('coalesce', i(null), l('2'), money('3.00')), '2.00'],
    [choose([branch(b(null), i(1)), branch(b(true), money('2.5', 4, 1))]), '2.5'],
    [choose([branch(b(false), i(1))]), 'null'],
    [choose([branch(b(false), i(1))], l('2')), '2'],
  ]))

it('computes whole numbers exactly and gives null beyond their range', () =>
  check([
    [call('add', i(2147483647), i(1)), 'null'],
    [call('add', i(2147483647), l('1')), '2147483648'],
    [call('multiply', l('3037000500'), l('3037000500')), 'null'],
    [call('subtract', l(LONG_MIN), l('1')), 'null'],
    [call('modulo', i(-7), i(3)), '-1'],
    [call('modulo', i(7), i(0)), 'null'],
    [call('negate', l(LONG_MIN)), 'null'],
    [call('abs', i(-2147483648)), 'null'],
    [call('abs', i(-5)), '5'],
    [call('divide', i(7), i(2)), '3.5'],
    [call('divide', i(7), i(0)), 'null'],
    [call('floor', i(7)), '7'],
  ]))

it('computes decimals with the digits of rule 4.2', () =>
  check([
    [call('add', money('1.50'), i(1)), '2.50'],
    [call('subtract', money('1.50'), literal(decimal(5, 3), '2.001')), '-0.501'],
    [call('multiply', money('-1.50', 5, 2), money('0.10', 5, 2)), '-0.1500'],
    [call('modulo', money('-7.50'), money('2.00')), '-1.50'],
    [call('modulo', money('7.50'), money('0.00')), 'null'],
    [call('add', money('0.10'), d(0.2)), '0.30000000000000004'],
    [call('divide', money('1.00'), money('3.00')), '0.3333333333333333'],
    [call('round', money('-1.005', 10, 3), i(2)), '-1.01'],
    [call('round', money('1.50'), i(5)), '1.50'],
    [call('floor', money('-1.50')), '-2'],
    [call('ceil', money('-1.50')), '-1'],
    [call('ceil', money('1.01')), '2'],
    [call('negate', money('0.50')), '-0.50'],
    [call('abs', money('-0.50')), '0.50'],
  ]))

it('computes doubles, null where they are not finite, and rounds them on their shortest text', () =>
  check([
    [call('multiply', d(1e308), d(10)), 'null'],
    [call('divide', d(0), d(0)), 'null'],
    [call('modulo', d(-7.5), d(2)), '-1.5'],
    [call('modulo', d(1), d(0)), 'null'],
    [call('round', d(1.005), i(2)), '1.01'],
    [call('round', d(-2.5), i(0)), '-3'],
    [call('round', d(4.999999999999999e-19), i(18)), '0'],
    [call('round', d(1e300), i(2)), '1e+300'],
    [call('round', d(123456789.125), i(2)), '123456789.13'],
    [call('floor', d(-1.5)), '-2'],
    [call('ceil', d(1e300)), 'null'],
    [call('negate', d(0)), '0'],
    [call('add', literal(float, 0.1), i(0)), '0.10000000149011612'],
    [literal(float, 0.1), '0.1'],
  ]))

it('counts code points in texts', () =>
  check([
    [call('length', s('a\u{1F600}e\u0301')), '4'],
    [call('substring', s('a\u{1F600}bc'), i(2), i(2)), '"\u{1F600}b"'],
    [call('substring', s('abc'), i(0), i(2)), 'null'],
    [call('substring', s('abc'), i(2), i(-1)), '""'],
    [call('substring', s('abc'), i(2), i(null)), 'null'],
    [call('substring', s('abc'), i(9), i(2)), '""'],
    [call('lower', s('ÀΣ')), '"àς"'],
    [call('upper', s('straße')), '"STRASSE"'],
    [call('trim', s('  \ta ')), '"\\ta"'],
    [call('concat', s('a'), s("it's"), s('\u0000')), '"ait\'s\\u0000"'],
    [call('concat', s('a'), s(null)), 'null'],
    [call('contains', s('abc'), s('')), 'true'],
    [call('startsWith', s('a%c'), s('a%')), 'true'],
    [call('endsWith', s('abc'), s('b')), 'false'],
  ]))

it('takes the parts of a time in its zone', () => {
  const time = literal(timestamp, Date.parse('2024-11-03T06:30:15Z'))
  const zone = s('America/Chicago')
  return check([
    [call('year', time, zone), '2024'],
    [call('month', time, zone), '11'],
    [call('dayOfMonth', time, zone), '3'],
    [call('hour', time, zone), '1'],
    [call('minute', time, zone), '30'],
    [call('dayOfWeek', time, zone), '7'],
    [call('hour', literal(timestamp, -1), s('UTC')), '23'],
    [call('hour', literal(timestamp, null), s('UTC')), 'null'],
  ])
})

it('casts to text in the forms of results', () =>
  check([
    [cast(d(1e21), text), '"1e+21"'],
    [cast(d(1e-7), text), '"1e-7"'],
    [cast(d(-0), text), '"0"'],
    [cast(d(3), text), '"3"'],
    [cast(literal(float, 0.1), text), '"0.1"'],
    [cast(money('-0.50'), text), '"-0.50"'],
    [cast(b(true), text), '"true"'],
    [cast(literal(date, '0001-02-03'), text), '"0001-02-03"'],
    [cast(literal(timestamp, -62135596800000), text), '"0001-01-01T00:00:00.000Z"'],
    [cast(l(LONG_MIN), text), `"${LONG_MIN}"`],
  ]))

it('casts texts by the forms of records, and gives null for others', () =>
  check([
    [cast(s(' 8.0 '), int), '8'],
    [cast(s('1.5e1'), int), '15'],
    [cast(s('8.5'), int), 'null'],
    [cast(s('1e-20'), int), 'null'],
    [cast(s('08'), int), 'null'],
    [cast(s(LONG_MAX), long), LONG_MAX],
    [cast(s('9223372036854775808'), long), 'null'],
    [cast(s('12.5'), decimal(10, 2)), '12.50'],
    [cast(s('-2.345'), decimal(10, 2)), '-2.35'],
    [cast(s('123'), decimal(4, 2)), 'null'],
    [cast(s('1e400'), double), 'null'],
    [cast(s('-1.5e-3'), double), '-0.0015'],
    [cast(s('NaN'), double), 'null'],
    [cast(s('1e39'), float), 'null'],
    [cast(s('TRUE'), boolean), 'true'],
    [cast(s('yes'), boolean), 'null'],
    [cast(s('2024-02-29'), date), '"2024-02-29"'],
    [cast(s('2023-02-29'), date), 'null'],
    [cast(s('0000-01-01'), date), 'null'],
    [cast(s('2024-04-13 19:48'), timestamp), '"2024-04-13T19:48:00.000Z"'],
    [cast(s('2024-04-13T19:48:15.1239-05:00'), timestamp), '"2024-04-14T00:48:15.123Z"'],
    [cast(s('2024-04-13T19:48:15+0530'), timestamp), '"2024-04-13T14:18:15.000Z"'],
    [cast(s('2024-04-13T24:00'), timestamp), 'null'],
    [cast(s('2024-04-13'), timestamp), 'null'],
    [cast(s('00000000-0000-0000-0000-00000000000A'), uuid), '"00000000-0000-0000-0000-00000000000a"'],
    [cast(s('0-0'), uuid), 'null'],
  ]))

it('casts between numbers, booleans and times', () =>
  check([
    [cast(d(-1.9), int), '-1'],
    [cast(money('-1.90'), long), '-1'],
    [cast(d(1e19), long), 'null'],
    [cast(d(1.005), decimal(10, 2)), '1.01'],
    [cast(money('1.005', 10, 3), decimal(4, 2)), '1.01'],
    [cast(money('123.00'), decimal(4, 2)), 'null'],
    [cast(i(7), decimal(4, 2)), '7.00'],
    [cast(d(1e39), float), 'null'],
    [cast(b(true), decimal(4, 2)), '1.00'],
    [cast(b(true), double), '1'],
    [cast(b(false), int), '0'],
    [cast(money('0.00'), boolean), 'false'],
    [cast(d(0.1), boolean), 'true'],
    [cast(literal(timestamp, -1), date), '"1969-12-31"'],
    [cast(literal(date, '1970-01-02'), timestamp), '"1970-01-02T00:00:00.000Z"'],
    [cast(literal(timestamp, 5), long), '5'],
    [cast(l('5'), timestamp), '"1970-01-01T00:00:00.005Z"'],
  ]))
