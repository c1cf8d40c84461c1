import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSchema } from '#language/schemas/schema.ts'
import { columnReader } from './column-reader.ts'
import { concatBatches, withoutDictionaries } from './concat-batches.ts'
import type { Column, RecordBatch } from './record-batch.ts'

const schema = createSchema('reading', [
  { name: 'at', type: { kind: 'timestamp' }, nullable: false },
  { name: 'count', type: { kind: 'long' }, nullable: true },
  { name: 'name', type: { kind: 'string' }, nullable: true },
])

function batchOf(at: Float64Array, count: Column, name: Column): RecordBatch {
  return {
    schema,
    rows: at.length,
    columns: [{ layout: 'float64', values: at, nulls: null }, count, name],
    eventTimes: at,
    positions: null,
  }
}

const narrow = batchOf(
  Float64Array.of(1, 2),
  { layout: 'float64', values: Float64Array.of(7, 0), nulls: Uint8Array.of(0, 1) },
  { layout: 'dictionary', codes: Int32Array.of(1, -1), dictionary: { entries: ['south', 'nörd'] } },
)
const wide = batchOf(
  Float64Array.of(3),
  { layout: 'bigint64', values: BigInt64Array.of(2n ** 60n), nulls: null },
  { layout: 'text', offsets: Uint32Array.of(2, 6), bytes: new Uint8Array(Buffer.from('..east')), nulls: null },
)

const values = ({ rows, columns }: RecordBatch) =>
  Array.from({ length: rows }, (_, row) =>
    columns.map((column, i) => columnReader(column, schema.fields[i]!.type)(row)),
  )

test('rows of batches in different layouts keep their values', () => {
  assert.deepEqual(values(concatBatches([narrow, wide, narrow])), [
    ...values(narrow),
    ...values(wide),
    ...values(narrow),
  ])
})

test('a batch without dictionaries has the same values', () => {
  const plain = withoutDictionaries(narrow)
  assert.deepEqual(
    plain.columns.map(({ layout }) => layout),
    ['float64', 'float64', 'text'],
  )
  assert.deepEqual(values(plain), values(narrow))
})
