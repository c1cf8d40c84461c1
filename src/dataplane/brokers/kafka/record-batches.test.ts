import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  type CreateRecordsBatchOptions,
  createRecordsBatch,
  type MessageRecord,
  Reader,
  readRecordsBatches,
} from '@platformatic/kafka'
import { addRecordsOf, type FetchedRecord, readRecordBatches } from './record-batches.ts'

const text = (value: string): Buffer => Buffer.from(value)

const bytesOf = (
  messages: readonly Partial<MessageRecord>[],
  options: Partial<CreateRecordsBatchOptions> = {},
): Buffer =>
  createRecordsBatch(
    messages.map((message) => ({ topic: 'trips', partition: 0, ...message }) as MessageRecord),
    options,
  ).buffer

const messages: readonly Partial<MessageRecord>[] = [
  { key: text('a'), value: text('first'), timestamp: 1_700_000_000_000n },
  { value: text('x'.repeat(70_000)), timestamp: 1_700_000_000_000n },
  { key: text('gone'), timestamp: 1_700_000_900_000n },
  { key: Buffer.alloc(0), value: Buffer.alloc(0), timestamp: 1_699_999_000_000n },
  {
    value: text('last'),
    headers: new Map([
      [text('why'), text('because')],
      [text('empty'), Buffer.alloc(0)],
    ]),
    timestamp: 1n,
  },
]

/** As the package's own reader has it. */
function byPackage(bytes: Buffer): unknown {
  return readRecordsBatches(Reader.from(bytes)).map((batch) => ({
    firstOffset: Number(batch.firstOffset),
    lastOffsetDelta: batch.lastOffsetDelta,
    attributes: batch.attributes,
    firstTimestamp: Number(batch.firstTimestamp),
    maxTimestamp: Number(batch.maxTimestamp),
    producerId: batch.producerId,
    records: batch.records.map(({ offsetDelta, timestampDelta, key, value, headers }) => ({
      offset: Number(batch.firstOffset) + offsetDelta,
      timestampMs: Number(batch.firstTimestamp + timestampDelta),
      key,
      value,
      headers,
    })),
  }))
}

/** As ours has it. */
const byUs = (bytes: Buffer) =>
  readRecordBatches(bytes).map(({ bytes: laid, count, ...batch }) => {
    const records: FetchedRecord[] = []
    addRecordsOf({ ...batch, bytes: laid, count }, 0, records)
    assert.equal(records.length, count)
    return {
      ...batch,
      records: records.map(({ offset, timestampMs, key, value, headers }) => ({
        offset,
        timestampMs,
        key,
        value,
        headers,
      })),
    }
  })

describe('batches of records', () => {
  for (const compression of ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)
    it(`are read as the package reads them: compression ${compression}`, () => {
      const bytes = Buffer.concat([
        bytesOf(messages, { compression }),
        bytesOf([{ value: text('of a transaction') }], { compression, transactionalId: 't', producerId: 7n }),
      ])
      assert.deepEqual(byUs(bytes), byPackage(bytes))
      assert.equal(byUs(bytes)[0]!.records[1]!.value!.length, 70_000)
    })

  it('are given from an offset on, and dated by the broker where it dates them', () => {
    const [batch] = readRecordBatches(bytesOf(messages))
    const records: FetchedRecord[] = []
    addRecordsOf({ ...batch!, firstOffset: 100, attributes: 8, maxTimestamp: 5 }, 103, records)
    assert.deepEqual(
      records.map(({ offset, timestampMs }) => [offset, timestampMs]),
      [
        [103, 5],
        [104, 5],
      ],
    )
  })

  it('are read as far as they are whole', () => {
    const [first, second] = [bytesOf(messages), bytesOf(messages)]
    const cut = Buffer.concat([first, second.subarray(0, second.length - 1)])
    assert.equal(readRecordBatches(cut).length, 1)
    assert.equal(readRecordBatches(cut.subarray(0, first.length + 5)).length, 1)
  })
})
