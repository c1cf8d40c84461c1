import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  type CreateRecordsBatchOptions,
  createRecordsBatch,
  type MessageRecord,
  Reader,
  readRecordsBatches,
} from '@platformatic/kafka'
import { readRecordBatches } from './record-batches.ts'

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
      offsetDelta,
      timestampDelta: Number(timestampDelta),
      key,
      value,
      headers,
    })),
  }))
}

describe('batches of records', () => {
  for (const compression of ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)
    it(`are read as the package reads them: compression ${compression}`, () => {
      const bytes = Buffer.concat([
        bytesOf(messages, { compression }),
        bytesOf([{ value: text('of a transaction') }], { compression, transactionalId: 't', producerId: 7n }),
      ])
      assert.deepEqual(readRecordBatches(bytes), byPackage(bytes))
      assert.equal(readRecordBatches(bytes)[0]!.records[1]!.value!.length, 70_000)
    })

  it('are read as far as they are whole', () => {
    const [first, second] = [bytesOf(messages), bytesOf(messages)]
    const cut = Buffer.concat([first, second.subarray(0, second.length - 1)])
    assert.equal(readRecordBatches(cut).length, 1)
    assert.equal(readRecordBatches(cut.subarray(0, first.length + 5)).length, 1)
  })
})
