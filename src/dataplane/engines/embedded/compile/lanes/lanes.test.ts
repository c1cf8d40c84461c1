import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { compileExpression } from '#language/expressions/compile-expression.ts'
import type { Expression, FunctionName } from '#language/expressions/expression.ts'
import { typeOf } from '#language/expressions/type-of.ts'
import { type Columns, recordScope } from '#language/plan/check-plan.ts'
import type { FieldType, Value } from '#language/schemas/field-types.ts'
import { columnReader } from '../../../../records/column-reader.ts'
import type { Column } from '../../../../records/record-batch.ts'
import type { RelationBatch } from '../relation.ts'
import { vectorReader } from '../vector.ts'
import { compileLaneColumn } from './compile-lane.ts'

const ROWS = 12
const TEXTS = ['', 'Cash', 'Credit Card', 'é']
const SAFE = Number.MAX_SAFE_INTEGER

const decimal = (precision: number, scale: number): FieldType => ({ kind: 'decimal', precision, scale })
const columns: Columns = new Map<string, FieldType>([
  ['i', { kind: 'int' }],
  ['j', { kind: 'int' }],
  ['l', { kind: 'long' }],
  ['d', { kind: 'double' }],
  ['v', decimal(6, 2)],
  ['w', decimal(9, 4)],
  ['t', { kind: 'timestamp' }],
  ['b', { kind: 'boolean' }],
  ['s', { kind: 'string' }],
])

/** A column with nulls here and there, whose values are 0 there as in any column. */
function numbers<A extends Float64Array | Int32Array>(values: fc.Arbitrary<number>, make: (length: number) => A) {
  return fc.array(fc.option(values, { freq: 4 }), { minLength: ROWS, maxLength: ROWS }).map((picked) => {
    const nulls = Uint8Array.from(picked, (value) => (value === null ? 1 : 0))
    const array = make(ROWS)
    for (const [row, value] of picked.entries()) array[row] = value ?? 0
    return { values: array, nulls: nulls.includes(1) ? nulls : null }
  })
}
const doubles = (values: fc.Arbitrary<number>): fc.Arbitrary<Column> =>
  numbers(values, (length) => new Float64Array(length)).map((column) => ({ layout: 'float64' as const, ...column }))
const ints = (values: fc.Arbitrary<number>): fc.Arbitrary<Column> =>
  numbers(values, (length) => new Int32Array(length)).map((column) => ({ layout: 'int32' as const, ...column }))
const near = (...values: readonly number[]) => fc.constantFrom(...values)
const whole = (most: number) => fc.oneof(fc.integer({ min: -most, max: most }), near(0, 1, -1, most, -most))

const arbitraryColumns: fc.Arbitrary<ReadonlyMap<string, Column>> = fc
  .record<Record<string, Column>>({
    i: ints(fc.oneof(whole(20), near(2147483647, -2147483648))),
    j: ints(whole(3)),
    l: doubles(fc.oneof(whole(1000), near(SAFE, -SAFE))),
    d: doubles(fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), near(0, -0, 0.5, 1e308, 5e-324))),
    v: doubles(whole(999_999)),
    w: doubles(whole(999_999_999)),
    t: doubles(whole(1000)),
    b: fc.array(fc.constantFrom(0, 1, null), { minLength: ROWS, maxLength: ROWS }).map((bits) => ({
      layout: 'boolean' as const,
      values: Uint8Array.from(bits, Number),
      nulls: bits.includes(null) ? Uint8Array.from(bits, (bit) => (bit === null ? 1 : 0)) : null,
    })),
    s: fc.array(fc.integer({ min: -1, max: TEXTS.length - 1 }), { minLength: ROWS, maxLength: ROWS }).map((codes) => ({
      layout: 'dictionary' as const,
      codes: Int32Array.from(codes),
      dictionary: { entries: TEXTS },
    })),
  })
  .map((record) => new Map(Object.entries(record)))

const field = (name: string): Expression => ({ kind: 'Field', name })
const literal = (type: FieldType, value: string | number | boolean | null): Expression => ({
  kind: 'Literal',
  type,
  value,
})
const call = (name: FunctionName, ...args: Expression[]): Expression => ({
  kind: 'Call',
  function: name,
  arguments: args,
})

const COMPARISONS = ['equal', 'notEqual', 'less', 'lessOrEqual', 'greater', 'greaterOrEqual'] as const
const ARITHMETIC = ['add', 'subtract', 'multiply', 'divide', 'modulo', 'coalesce'] as const
const numberLeaf = fc.constantFrom<Expression>(
  ...['i', 'j', 'l', 'd', 'v', 'w'].map(field),
  literal({ kind: 'int' }, 3),
  literal({ kind: 'int' }, 0),
  literal({ kind: 'long' }, '9007199254740993'),
  literal(decimal(3, 2), '1.50'),
  literal(decimal(5, 4), '0.0001'),
  literal({ kind: 'double' }, 0.1),
  literal({ kind: 'int' }, null),
)
const { truth, number } = fc.letrec<{ truth: Expression; number: Expression }>((tie) => ({
  number: fc.oneof(
    { depthSize: 'small' },
    numberLeaf,
    fc.tuple(fc.constantFrom(...ARITHMETIC), tie('number'), tie('number')).map(([name, a, b]) => call(name, a, b)),
    tie('number').map((a) => call('abs', a)),
  ),
  truth: fc.oneof(
    { depthSize: 'small' },
    fc.tuple(fc.constantFrom(...COMPARISONS), tie('number'), tie('number')).map(([name, a, b]) => call(name, a, b)),
    fc.constantFrom(...COMPARISONS).map((name) => call(name, field('t'), literal({ kind: 'timestamp' }, 5))),
    fc
      .tuple(fc.constantFrom('equal', 'notEqual', 'less'), fc.constantFrom(...TEXTS, 'unknown'))
      .map(([name, text]) => call(name as FunctionName, field('s'), literal({ kind: 'string' }, text))),
    fc.constantFrom(
      field('b'),
      ...[...columns.keys()].flatMap((name) => [call('isNull', field(name)), call('isNotNull', field(name))]),
    ),
    fc
      .tuple(fc.constantFrom('and', 'or'), tie('truth'), tie('truth'))
      .map(([name, a, b]) => call(name as FunctionName, a, b)),
    tie('truth').map((a) => call('not', a)),
  ),
}))

const inputOf = (found: ReadonlyMap<string, Column>): RelationBatch => ({
  batch: { rows: ROWS } as RelationBatch['batch'],
  rows: Int32Array.from({ length: ROWS }, (_, row) => row),
  length: ROWS,
  column: (name) => found.get(name)!,
})

/** Row by row, by the evaluator. */
function evaluated(expression: Expression, found: ReadonlyMap<string, Column>): readonly Value[] {
  const readers = new Map([...found].map(([name, column]) => [name, columnReader(column, columns.get(name)!)]))
  const { evaluate } = compileExpression<number>(expression, {
    ...recordScope(columns),
    readField: (name) => (row) => readers.get(name)!(row),
    readAggregate: () => assert.fail('an aggregate'),
  })
  return Array.from({ length: ROWS }, (_, row) => evaluate(row))
}

function typeOrRefusal(expression: Expression): FieldType | null {
  try {
    return typeOf(expression, recordScope(columns))
  } catch {
    return null
  }
}

const plain = (value: Value): Value => (Object.is(value, -0) ? 0 : value)

for (const [what, expressions] of [
  ['truths', truth],
  ['numbers', number],
] as const) {
  it(`lanes give the ${what} that the evaluator gives, row by row`, () => {
    let computed = 0
    fc.assert(
      fc.property(expressions, fc.array(arbitraryColumns, { minLength: 1, maxLength: 3 }), (expression, batches) => {
        const type = typeOrRefusal(expression)
        fc.pre(type !== null)
        const program = compileLaneColumn(expression, type!, columns)
        for (const batch of batches) {
          const column = program(inputOf(batch))
          if (column === null) continue
          computed++
          const read = vectorReader(column, type!)
          const found = Array.from({ length: ROWS }, (_, row) => plain(read(row)))
          assert.deepEqual(found, evaluated(expression, batch).map(plain))
          if (column.layout === 'float64' && column.nulls !== null)
            for (let row = 0; row < ROWS; row++) if (column.nulls[row] === 1) assert.equal(column.values[row], 0)
        }
      }),
      { numRuns: 2000 },
    )
    assert.ok(computed > 1000, `lanes computed ${computed} batches`)
  })
}

it('a batch whose column is in a layout without lanes is left to the evaluator', () => {
  const wide: Column = { layout: 'bigint64', values: new BigInt64Array(ROWS).fill(2n ** 60n), nulls: null }
  const program = compileLaneColumn(
    call('greater', field('l'), literal({ kind: 'int' }, 1)),
    { kind: 'boolean' },
    columns,
  )
  assert.equal(program(inputOf(new Map([['l', wide]]))), null)
})
