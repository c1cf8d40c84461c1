import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Value } from '#language/schemas/field-types.ts'
import { createSchema, type Field } from '#language/schemas/schema.ts'
import { BatchReader } from './batch-reader.ts'
import { columnReader } from './column-reader.ts'
import { encodeBatch } from './encode-batch.ts'
import type { Column, Dictionary, RecordBatch } from './record-batch.ts'

const SAFE_MAX = Number.MAX_SAFE_INTEGER
const LONG_MAX = 2n ** 63n - 1n

/** Encodes and decodes; dictionaries come back as the same objects. */
function roundTrip(batch: RecordBatch): RecordBatch {
  const dictionaries: Dictionary[] = []
  const bytes = encodeBatch(batch, (dictionary) => {
    if (!dictionaries.includes(dictionary)) dictionaries.push(dictionary)
    return dictionaries.indexOf(dictionary)
  })
  const { rowAlone, ...read } = new BatchReader(batch.schema, 0).read(bytes, (id, length) => {
    assert.equal(length, dictionaries[id].entries.length)
    return dictionaries[id]
  })
  for (const row of new Set([0, batch.rows >> 1, batch.rows - 1]))
    if (row >= 0 && row < batch.rows) assert.deepEqual(valuesOf(rowAlone!(row), 0), valuesOf(read, row))
  return read
}

const valuesOf = ({ schema, columns }: RecordBatch, row: number): readonly Value[] =>
  columns.map((column, index) => columnReader(column, schema.fields[index].type)(row))

const fieldKinds = {
  float64: 'double',
  int32: 'int',
  bigint64: 'long',
  boolean: 'boolean',
  dictionary: 'string',
  text: 'string',
} as const

function batchOf(
  eventTimes: Float64Array,
  others: readonly Column[],
  positions: Uint32Array | null = null,
): RecordBatch {
  const columns: Column[] = [{ layout: 'float64', values: eventTimes, nulls: null }, ...others]
  const fields: Field[] = columns.map((column, index) => ({
    name: `f${index}`,
    type: index === 0 ? { kind: 'timestamp' } : { kind: fieldKinds[column.layout] },
    nullable: true,
  }))
  return { schema: createSchema('test', fields), rows: eventTimes.length, columns, eventTimes, positions }
}

const doubles = (values: readonly number[]): Column => ({
  layout: 'float64',
  values: Float64Array.from(values),
  nulls: null,
})

function textColumn(texts: readonly string[], nulls: Uint8Array | null = null): Column {
  const pieces = texts.map((text) => Buffer.from(text))
  const offsets = new Uint32Array(texts.length + 1)
  for (const [row, piece] of pieces.entries()) offsets[row + 1] = offsets[row] + piece.length
  return { layout: 'text', offsets, bytes: new Uint8Array(Buffer.concat(pieces)), nulls }
}

const nullsFor = (rows: number) =>
  fc.option(
    fc
      .array(fc.integer({ min: 0, max: 1 }), { minLength: rows, maxLength: rows })
      .map((flags) => Uint8Array.from(flags)),
  )

const safeInteger = fc.integer({ min: -SAFE_MAX, max: SAFE_MAX })
const numbers = fc.oneof(
  fc.constant(fc.constantFrom(-0, 0, 1.5, -SAFE_MAX, SAFE_MAX, 2 ** 53, 5e-324, Number.MAX_VALUE)),
  fc.constant(fc.double({ noNaN: true })),
  fc.constant(fc.constantFrom(41.878865584, -87.625192142, 0.1)),
  fc
    .tuple(safeInteger, fc.constantFrom(0, 255, 256, 65536, 2 ** 32 - 1, 2 ** 32, 2 ** 48))
    .map(([least, range]) => fc.integer({ min: least, max: Math.min(least + range, SAFE_MAX) })),
)

function columnFor(rows: number): fc.Arbitrary<Column> {
  const many = <Value>(one: fc.Arbitrary<Value>) => fc.array(one, { minLength: rows, maxLength: rows })
  const zeroWhereNull = <Values extends Float64Array | Int32Array | Uint8Array>(
    values: Values,
    nulls: Uint8Array | null,
  ) => values.map((value, row) => (nulls?.[row] === 1 ? 0 : value)) as Values
  return nullsFor(rows).chain((nulls) =>
    fc.oneof(
      numbers
        .chain(many)
        .map(
          (values): Column => ({ layout: 'float64', values: zeroWhereNull(Float64Array.from(values), nulls), nulls }),
        ),
      many(fc.oneof(fc.integer(), fc.constantFrom(-(2 ** 31), 2 ** 31 - 1))).map(
        (values): Column => ({ layout: 'int32', values: zeroWhereNull(Int32Array.from(values), nulls), nulls }),
      ),
      many(fc.bigInt({ min: -LONG_MAX - 1n, max: LONG_MAX })).map(
        (values): Column => ({
          layout: 'bigint64',
          values: BigInt64Array.from(values.map((value, row) => (nulls?.[row] === 1 ? 0n : value))),
          nulls,
        }),
      ),
      many(fc.integer({ min: 0, max: 1 })).map(
        (values): Column => ({ layout: 'boolean', values: zeroWhereNull(Uint8Array.from(values), nulls), nulls }),
      ),
      many(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('00ff', 'ABCD', 'zz'))).map(
        (texts): Column =>
          textColumn(
            texts.map((text, row) => (nulls?.[row] === 1 ? '' : text)),
            nulls,
          ),
      ),
      fc
        .constantFrom(0, 2, 32)
        .chain((length) =>
          many(fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length })),
        )
        .map((texts) => textColumn(texts)),
      fc.tuple(fc.array(fc.string(), { minLength: 1, maxLength: 400 }), many(fc.nat())).map(
        ([entries, picks]): Column => ({
          layout: 'dictionary',
          codes: Int32Array.from(picks, (pick) => (pick % (entries.length + 1)) - 1),
          dictionary: { entries },
        }),
      ),
    ),
  )
}

const batches = fc.integer({ min: 0, max: 40 }).chain((rows) =>
  fc
    .tuple(
      fc.array(fc.integer({ min: -1e14, max: 1e14 }), { minLength: rows, maxLength: rows }),
      fc.array(columnFor(rows), { maxLength: 6 }),
      fc.option(fc.array(fc.nat({ max: 100000 }), { minLength: rows, maxLength: rows })),
    )
    .map(([times, columns, gaps]) => {
      let next = -1
      const positions = gaps === null ? null : Uint32Array.from(gaps, (gap) => (next += 1 + gap))
      return batchOf(Float64Array.from(times), columns, positions)
    }),
)

test('a batch comes back exactly as it was, bit for bit', () => {
  fc.assert(
    fc.property(batches, (batch) => assert.deepEqual(roundTrip(batch), batch)),
    { numRuns: 500 },
  )
})

test('-0, the greatest safe integers and the extremes of 64 bits survive', () => {
  const times = new Float64Array([1, 2, 3])
  const batch = batchOf(times, [
    doubles([-0, 0, 1]),
    doubles([-SAFE_MAX, 0, SAFE_MAX]),
    doubles([SAFE_MAX, SAFE_MAX - 1, SAFE_MAX - 70000]),
    { layout: 'bigint64', values: BigInt64Array.from([-LONG_MAX - 1n, 0n, LONG_MAX]), nulls: null },
  ])
  assert.deepEqual(roundTrip(batch), batch)
})

test('texts of a slice, whose bytes do not begin at 0, are kept', () => {
  const bytes = new Uint8Array(Buffer.from('droppedkeptalsodropped'))
  const column: Column = { layout: 'text', offsets: Uint32Array.from([7, 11, 15]), bytes, nulls: null }
  assert.deepEqual(roundTrip(batchOf(new Float64Array(2), [column])).columns[1], textColumn(['kept', 'also']))
})

test('what repeats or lies close together takes few bytes', () => {
  const rows = 1000
  const size = (column: Column) => encodeBatch(batchOf(new Float64Array(rows), [column]), () => 0).length
  const baseline = size(doubles(new Array(rows).fill(7)))
  assert.ok(baseline < 100, `${baseline} bytes for a constant column`)
  const perRow = (column: Column) => Math.round((size(column) - baseline) / rows)
  const range = (step: number) => doubles(Array.from({ length: rows }, (_, row) => 1.7e12 + row * step))
  assert.equal(perRow(range(50)), 2)
  assert.equal(perRow(range(4e6)), 4)
  assert.equal(perRow(range(1e9)), 6)
  assert.equal(perRow(doubles(Array.from({ length: rows }, (_, row) => (row % 10) + 0.5))), 1)
  assert.equal(perRow(textColumn(Array.from({ length: rows }, (_, row) => row.toString(16).padStart(40, '0')))), 20)
  assert.equal(perRow({ layout: 'boolean', values: new Uint8Array(rows), nulls: null }), 0)
})

test('batches share one dictionary object when they were written with one', () => {
  const dictionary: Dictionary = { entries: ['Cash', 'Credit Card'] }
  const column: Column = { layout: 'dictionary', codes: Int32Array.from([1, -1, 0]), dictionary }
  const [, first, second] = roundTrip(batchOf(new Float64Array(3), [column, column])).columns
  assert.ok(first.layout === 'dictionary' && second.layout === 'dictionary' && first.dictionary === second.dictionary)
})
