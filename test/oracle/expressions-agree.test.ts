import assert from 'node:assert/strict'
import { it } from 'node:test'
import { compileExpression, type EvaluationScope } from '#language/expressions/compile-expression.ts'
import type { Expression, FunctionName } from '#language/expressions/expression.ts'
import { functionNames } from '#language/expressions/type-of.ts'
import { type FieldType, typeName, type Value } from '#language/schemas/field-types.ts'
import { evaluateExpression } from './evaluate-expression.ts'

const EXPRESSIONS = 20_000
const SEED = 20240413

let state = SEED
/** A number from 0 to 1, the same sequence in each run. */
function random(): number {
  state = (state + 0x6d2b79f5) | 0
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
}
const pick = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)]

const UUID = '3f2504e0-4f89-11d3-9a0c-0305e82c3301'
/** Fields, with the values that go wrong first. */
const fields: Readonly<Record<string, { readonly type: FieldType; readonly values: readonly Value[] }>> = {
  s: {
    type: { kind: 'string' },
    values: ['', 'a', 'Abc ', ' 8', '8.5', '1e3', '1e400', 'FALSE', '2024-04-13', '\u{1F600}é', UUID],
  },
  r: {
    type: { kind: 'string' },
    values: ['2024-04-13 12:00:00.1234Z', '2024-02-30', '1.005', '-12.50', '99999999999999999999', '.5'],
  },
  i: { type: { kind: 'int' }, values: [0, 1, -1, 3, -7, 100, 2147483647, -2147483648] },
  j: { type: { kind: 'int' }, values: [0, 1, 2, 5, -3] },
  l: { type: { kind: 'long' }, values: [0n, 5n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 9007199254740993n, 1713009600000n] },
  d: { type: { kind: 'double' }, values: [0, -0, -1.5, 0.1, 1.005, 2.5, 1e308, 1e21, 1e-7, 2 ** 62, 5e-324, -9.5e18] },
  f: { type: { kind: 'float' }, values: [0, 0.1, -2.5, 1e38, 1.005, 1e-40].map(Math.fround) },
  b: { type: { kind: 'boolean' }, values: [true, false] },
  c: { type: { kind: 'boolean' }, values: [true, false] },
  v: { type: { kind: 'decimal', precision: 6, scale: 2 }, values: [0n, 1n, -5n, 105n, -105n, 999999n] },
  w: { type: { kind: 'decimal', precision: 9, scale: 0 }, values: [0n, 2n, -999999999n] },
  x: { type: { kind: 'decimal', precision: 18, scale: 4 }, values: [0n, 15n, -12345n, 10n ** 18n - 1n] },
  t: { type: { kind: 'timestamp' }, values: [0, -1, 1710054000000, 1730614200000, -2208988800000] },
  e: { type: { kind: 'date' }, values: [0, -1, 19826] },
  u: { type: { kind: 'uuid' }, values: [UUID, '00000000-0000-0000-0000-000000000000'] },
}
const types = Object.values(fields).map(({ type }) => type)
const literal = (type: FieldType, value: string | number | boolean | null): Expression => ({
  kind: 'Literal',
  type,
  value,
})
const literals: readonly Expression[] = [
  literal({ kind: 'int' }, 2),
  literal({ kind: 'int' }, -30),
  literal({ kind: 'long' }, '9007199254740993'),
  literal({ kind: 'decimal', precision: 3, scale: 2 }, '1.50'),
  literal({ kind: 'double' }, 0.1),
  literal({ kind: 'string' }, null),
  literal({ kind: 'date' }, '2024-04-13'),
]
const timeParts: readonly FunctionName[] = ['year', 'month', 'dayOfMonth', 'hour', 'minute', 'dayOfWeek']
const ofOne: readonly FunctionName[] = [
  'not',
  'negate',
  'abs',
  'floor',
  'ceil',
  'isNull',
  'isNotNull',
  'lower',
  'upper',
  'trim',
  'length',
]

function anyExpression(depth: number): Expression {
  const choice = random()
  if (depth === 0 || choice < 0.1)
    return choice < 0.02 ? pick(literals) : { kind: 'Field', name: pick(Object.keys(fields)) }
  const inner = (): Expression => anyExpression(depth - 1)
  if (choice < 0.3) return { kind: 'Cast', type: pick(types), argument: inner() }
  if (choice < 0.4) {
    const otherwise = random() < 0.5 ? inner() : null
    // biome-ignore lint/suspicious/noThenProperty: a branch of the plan is called that
    return { kind: 'Case', branches: [{ when: inner(), then: inner() }], otherwise }
  }
  const name = pick(functionNames)
  return { kind: 'Call', function: name, arguments: argumentsOf(name, inner) }
}

function argumentsOf(name: FunctionName, inner: () => Expression): readonly Expression[] {
  const zone = literal({ kind: 'string' }, pick(['UTC', 'America/Chicago', 'America/St_Johns']))
  if (timeParts.includes(name)) return [inner(), zone]
  if (name === 'round') return [inner(), literal({ kind: 'int' }, pick([0, 1, 2, 5]))]
  const length =
    name === 'substring' ? 3 : ofOne.includes(name) ? 1 : name === 'coalesce' || name === 'concat' ? pick([1, 2, 3]) : 2
  return Array.from({ length }, inner)
}

type Values = Readonly<Record<string, Value>>
const noAggregates = (): never => {
  throw new Error('there are no aggregates here')
}
const scope: EvaluationScope<Values> = {
  precisionMax: 18,
  field: (name) => fields[name].type,
  aggregate: noAggregates,
  readField: (name) => (values) => values[name],
  readAggregate: noAggregates,
}

/** Type and value by the product; undefined for an expression that it refuses. */
function byProduct(expression: Expression, values: Values): string | undefined {
  try {
    const compiled = compileExpression(expression, scope)
    return `${typeName(compiled.type)} ${shown(compiled.evaluate(values))}`
  } catch (error) {
    if ((error as { readonly code?: string }).code === 'MSB_QUERY_INVALID') return undefined
    throw error
  }
}

function byOracle(expression: Expression, values: Values): string {
  const field = (name: string) => {
    const value = values[name]
    return {
      type: fields[name].type,
      value: fields[name].type.kind === 'int' && value !== null ? BigInt(value) : value,
    }
  }
  const result = evaluateExpression(expression, { field, aggregate: noAggregates })
  return `${typeName(result.type)} ${shown(result.value)}`
}

/** Doubles to 12 digits; ints of both sides in the same way. */
const shown = (value: Value): string => {
  if (typeof value !== 'number' || Number.isInteger(value)) return Object.is(value, -0) ? '0' : String(value)
  return value.toPrecision(12)
}

/** Times beyond the years 0001 to 9999 have no rule. */
const isStrange = (result: string): boolean =>
  result.startsWith('timestamp ') && Math.abs(Number(result.slice('timestamp '.length))) > 6e13

it('the expressions of the product agree with the oracle', () => {
  let compared = 0
  for (let run = 0; run < EXPRESSIONS; run++) {
    const expression = anyExpression(pick([1, 2]))
    const entries = Object.entries(fields).map(([name, { values }]): [string, Value] => [
      name,
      random() < 0.15 ? null : pick(values),
    ])
    const values = Object.fromEntries(entries)
    const product = byProduct(expression, values)
    if (product === undefined || isStrange(product)) continue
    compared++
    assert.equal(
      product,
      byOracle(expression, values),
      `${JSON.stringify(expression)} with ${entries.map(([name, value]) => `${name}=${value}`).join(' ')}`,
    )
  }
  assert.ok(compared > EXPRESSIONS / 10)
})
