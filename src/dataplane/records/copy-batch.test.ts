import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSchema } from '#language/schemas/schema.ts'
import { BatchCopier, copyBatch } from './copy-batch.ts'
import type { RecordBatch } from './record-batch.ts'

const schema = createSchema('test', [
  { name: 'time', type: { kind: 'timestamp' }, nullable: false },
  { name: 'count', type: { kind: 'int' }, nullable: true },
  { name: 'total', type: { kind: 'long' }, nullable: true },
  { name: 'flag', type: { kind: 'boolean' }, nullable: true },
  { name: 'company', type: { kind: 'string' }, nullable: true },
  { name: 'id', type: { kind: 'string' }, nullable: true },
])

const dictionary = { entries: ['Flash', 'City'] }

/** Two rows that are views into larger memory, as a decoder hands them out, and a way to write over that memory. */
function borrowed(): { readonly batch: RecordBatch; readonly overwrite: () => void } {
  const [times, counts] = [Float64Array.of(9, 10, 20), Int32Array.of(9, 1, 2)]
  const [totals, flags] = [BigInt64Array.of(9n, 2n ** 60n, 5n), Uint8Array.of(9, 1, 0)]
  const [codes, offsets] = [Int32Array.of(9, 1, -1), Uint32Array.of(9, 3, 5, 6)]
  const [bytes, nulls, positions] = [
    new TextEncoder().encode('...abc.'),
    Uint8Array.of(9, 0, 1),
    Uint32Array.of(9, 0, 2),
  ]
  const values = times.subarray(1)
  const all = [times, counts, totals, flags, codes, offsets, bytes, nulls, positions]
  return {
    batch: {
      schema,
      rows: 2,
      columns: [
        { layout: 'float64', values, nulls: null },
        { layout: 'int32', values: counts.subarray(1), nulls: nulls.subarray(1) },
        { layout: 'bigint64', values: totals.subarray(1), nulls: null },
        { layout: 'boolean', values: flags.subarray(1), nulls: nulls.subarray(1) },
        { layout: 'dictionary', codes: codes.subarray(1), dictionary },
        { layout: 'text', offsets: offsets.subarray(1), bytes, nulls: null },
      ],
      eventTimes: values,
      positions: positions.subarray(1),
    },
    overwrite: () => {
      for (const array of all) (array as { fill(value: unknown): void }).fill(array instanceof BigInt64Array ? 7n : 7)
    },
  }
}

/** What either way of copying makes of the borrowed batch. */
const copied: RecordBatch = {
  schema,
  rows: 2,
  columns: [
    { layout: 'float64', values: Float64Array.of(10, 20), nulls: null },
    { layout: 'int32', values: Int32Array.of(1, 2), nulls: Uint8Array.of(0, 1) },
    { layout: 'bigint64', values: BigInt64Array.of(2n ** 60n, 5n), nulls: null },
    { layout: 'boolean', values: Uint8Array.of(1, 0), nulls: Uint8Array.of(0, 1) },
    { layout: 'dictionary', codes: Int32Array.of(1, -1), dictionary },
    { layout: 'text', offsets: Uint32Array.of(0, 2, 3), bytes: new TextEncoder().encode('abc'), nulls: null },
  ],
  eventTimes: Float64Array.of(10, 20),
  positions: Uint32Array.of(0, 2),
}

test('a copied batch keeps its values when the memory it came from is used again', () => {
  const { batch, overwrite } = borrowed()
  const copy = copyBatch(batch)
  overwrite()
  assert.deepEqual(copy, copied)
})

test('a copier uses its memory again, for batches of other sizes too', () => {
  const { batch, overwrite } = borrowed()
  const copier = new BatchCopier()
  const copy = (one: RecordBatch) => copier.copy({ received: 3, batch: one, rejected: [], ambiguousTimes: 0 }).batch
  const first = copy(batch)
  assert.deepEqual(first, copied)
  const [times] = first.columns
  overwrite()
  assert.deepEqual(first, copied)
  const second = copy(borrowed().batch)
  assert.deepEqual(second, copied)
  assert.equal(second.eventTimes.buffer, times!.layout === 'float64' && times!.values.buffer)
})

test('a copied batch shares its event times with their column, its dictionaries with the original, and has no memory to spare', () => {
  const { batch } = borrowed()
  const { columns, eventTimes } = copyBatch(batch)
  const [times, , , , company, id] = columns
  assert.equal(times!.layout === 'float64' && times!.values, eventTimes)
  assert.equal(eventTimes.buffer.byteLength, 16)
  assert.equal(company!.layout === 'dictionary' && company!.dictionary, dictionary)
  assert.equal(id!.layout === 'text' && id!.bytes.buffer.byteLength, 3)
})
