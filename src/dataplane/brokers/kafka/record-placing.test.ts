import assert from 'node:assert/strict'
import { test } from 'node:test'
import { numbered, SyntheticDecoder } from '../synthetic-records.contract.ts'
import { partitionOfKey } from './key-hash.ts'
import { placedRecords, RecordPlacing } from './record-placing.ts'

const decoder = new SyntheticDecoder()

test('records without a key go in runs, and the next ones to where the last run did not', () => {
  const placing = new RecordPlacing(4, null)
  const [large] = placing.place([decoder.decode(numbered(0, 1024))], null)
  assert.deepEqual(
    [0, 255, 256, 511, 512, 767, 768, 1023].map((position) => large!.partitions[position]),
    [0, 0, 1, 1, 2, 2, 3, 3],
  )
  const small = [0, 1, 2, 3, 4].map((at) => placing.place([decoder.decode(numbered(at, at + 2))], null)[0]!)
  assert.deepEqual(
    small.map(({ partitions }) => [...partitions]),
    [0, 1, 2, 3, 0].map((partition) => [partition, partition]),
  )
})

test('a run goes on from one batch of a transaction to the next', () => {
  const batches = [numbered(0, 300), numbered(300, 600)].map((records) => decoder.decode(records))
  const places = new RecordPlacing(2, null).place(batches, null)
  assert.deepEqual(
    places.map(({ partitions }) => new Set(partitions)),
    [new Set([0]), new Set([1])],
  )
})

test('records go by their key; those that were rejected, or have none, with a run', () => {
  const decoded = decoder.decode([...numbered(0, 7), 'bad', ...numbered(8, 20)])
  const [places] = new RecordPlacing(3, 'payment').place([decoded], null)
  for (const [index, record] of [...numbered(0, 7), null, ...numbered(8, 20)].entries()) {
    const payment = record === null || record === 'bad' ? null : record.payment
    assert.equal(places!.keys![index]?.toString() ?? null, payment)
    const partition = payment === null ? 0 : partitionOfKey(Buffer.from(payment), 3)
    assert.equal(places!.partitions[index], partition, `record ${index}`)
  }
})

test('what was asked for one partition goes there, with its key', () => {
  const [places] = new RecordPlacing(3, 'id').place([decoder.decode(numbered(0, 2))], 2)
  assert.deepEqual([...places!.partitions], [2, 2])
  assert.deepEqual(places!.keys!.map(String), ['0', '1'])
})

test('each partition is told how many records it gets, and how far they go', () => {
  const decoded = decoder.decode(['bad', ...numbered(1, 600)])
  const [places] = new RecordPlacing(2, null).place([decoded], null)
  assert.deepEqual(placedRecords(decoded, places!), [
    { partition: 0, accepted: 299, maxEventTimeMs: 299_000 },
    { partition: 1, accepted: 300, maxEventTimeMs: 599_000 },
  ])
})
