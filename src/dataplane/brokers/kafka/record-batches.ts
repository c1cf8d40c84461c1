import { compressionsAlgorithmsByBitmask } from '@platformatic/kafka'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { MessageHeaders } from './refusal-header.ts'

/** Records that a producer sent together, as they lie in a partition (format 2). */
export interface RecordBatch {
  readonly firstOffset: number
  readonly lastOffsetDelta: number
  readonly attributes: number
  readonly firstTimestamp: number
  readonly maxTimestamp: number
  readonly producerId: bigint
  readonly count: number
  /** The records, compressed where `attributes` say so. */
  readonly bytes: Buffer
}

/** One record of a partition. Its parts are made when they are asked for: objects for all of them would be as much work as reading. */
export class FetchedRecord {
  readonly offset: number
  /** Epoch ms; when the broker appended it, where the topic says LogAppendTime. */
  readonly timestampMs: number
  readonly bytes: Buffer
  /** The key lies in `bytes` from here to `keyEnd`; -1 for none. */
  readonly keyStart: number
  readonly keyEnd: number
  /** The value lies in `bytes` from here to `end`; -1 for none. */
  readonly start: number
  readonly end: number
  readonly headers: MessageHeaders

  constructor({
    offset,
    timestampMs,
    bytes,
    keyStart,
    keyEnd,
    start,
    end,
    headers,
  }: Omit<FetchedRecord, 'key' | 'value'>) {
    this.offset = offset
    this.timestampMs = timestampMs
    this.bytes = bytes
    this.keyStart = keyStart
    this.keyEnd = keyEnd
    this.start = start
    this.end = end
    this.headers = headers
  }

  get key(): Buffer | null {
    return partOf(this.bytes, this.keyStart, this.keyEnd)
  }

  /** Null for a tombstone. */
  get value(): Buffer | null {
    return partOf(this.bytes, this.start, this.end)
  }
}

/** A part of the bytes, not a copy. */
const partOf = (bytes: Buffer, start: number, end: number): Buffer | null =>
  start < 0 ? null : bytes.subarray(start, end)

/** Where the fields of a batch lie. What `LENGTH_AT` says counts from `LENGTH_END` on. */
const LENGTH_AT = 8
const LENGTH_END = 12
const ATTRIBUTES_AT = 21
const LAST_OFFSET_DELTA_AT = 23
const FIRST_TIMESTAMP_AT = 27
const MAX_TIMESTAMP_AT = 35
const PRODUCER_ID_AT = 43
const COUNT_AT = 57
const RECORDS_AT = 61
/** Bits of the attributes. */
const COMPRESSION = 7
const LOG_APPEND_TIME = 8

const NO_HEADERS: MessageHeaders = []

/** The batches of an answer, without one at the end of which only a part is there. Their bytes are parts of `bytes`, not copies. */
export function readRecordBatches(bytes: Buffer): readonly RecordBatch[] {
  const batches: RecordBatch[] = []
  for (let at = 0; at + LENGTH_END <= bytes.length; ) {
    const end = at + LENGTH_END + bytes.readInt32BE(at + LENGTH_AT)
    if (end > bytes.length) break
    batches.push(readBatch(bytes.subarray(at, end)))
    at = end
  }
  return batches
}

const readBatch = (bytes: Buffer): RecordBatch => ({
  firstOffset: Number(bytes.readBigInt64BE(0)),
  lastOffsetDelta: bytes.readInt32BE(LAST_OFFSET_DELTA_AT),
  attributes: bytes.readInt16BE(ATTRIBUTES_AT),
  firstTimestamp: Number(bytes.readBigInt64BE(FIRST_TIMESTAMP_AT)),
  maxTimestamp: Number(bytes.readBigInt64BE(MAX_TIMESTAMP_AT)),
  producerId: bytes.readBigInt64BE(PRODUCER_ID_AT),
  count: bytes.readInt32BE(COUNT_AT),
  bytes: bytes.subarray(RECORDS_AT),
})

/**
 * Adds the records of a batch from an offset on: a batch is given whole, also when it was asked for from its middle.
 * @throws MSB_KAFKA_FAILED for a compression that the package does not know
 */
export function addRecordsOf(batch: RecordBatch, fromOffset: number, records: FetchedRecord[]): void {
  const cursor = new RecordCursor(batch, decompressed(batch))
  for (let i = 0; i < batch.count; i++) {
    const record = cursor.next()
    if (record.offset >= fromOffset) records.push(record)
  }
}

function decompressed({ bytes, attributes }: RecordBatch): Buffer {
  const compression = attributes & COMPRESSION
  if (compression === 0) return bytes
  const algorithm = compressionsAlgorithmsByBitmask[compression]
  if (algorithm === undefined)
    throw new MysimbdpError(
      'MSB_KAFKA_FAILED',
      `records are compressed by a way with number ${compression}, which is not known`,
    )
  return algorithm.decompressSync(bytes)
}

/** Reads records one behind the other. Their numbers are zigzag varints: 7 bits in a byte, the lowest first. */
class RecordCursor {
  readonly #bytes: Buffer
  readonly #firstOffset: number
  readonly #firstTimestampMs: number
  /** The time of all records where the broker dated them, else null. */
  readonly #appendedMs: number | null
  #at = 0

  constructor({ firstOffset, firstTimestamp, maxTimestamp, attributes }: RecordBatch, bytes: Buffer) {
    this.#bytes = bytes
    this.#firstOffset = firstOffset
    this.#firstTimestampMs = firstTimestamp
    this.#appendedMs = (attributes & LOG_APPEND_TIME) === 0 ? null : maxTimestamp
  }

  next(): FetchedRecord {
    const length = this.#number()
    const recordEnd = this.#at + length
    // Attributes, of which there are none yet.
    this.#at++
    const timestampDelta = this.#number()
    const offset = this.#firstOffset + this.#number()
    const keyStart = this.#partStart()
    const keyEnd = this.#at
    const start = this.#partStart()
    const end = this.#at
    const headers = this.#headers()
    this.#at = recordEnd
    const timestampMs = this.#appendedMs ?? this.#firstTimestampMs + timestampDelta
    return new FetchedRecord({ offset, timestampMs, bytes: this.#bytes, keyStart, keyEnd, start, end, headers })
  }

  #headers(): MessageHeaders {
    const count = this.#number()
    return count === 0 ? NO_HEADERS : Array.from({ length: count }, () => [this.#part(), this.#part()] as const)
  }

  #part(): Buffer | null {
    const start = this.#partStart()
    return partOf(this.#bytes, start, this.#at)
  }

  /** Goes behind a part and answers where it begins; -1 for none. */
  #partStart(): number {
    const length = this.#number()
    if (length < 0) return -1
    const start = this.#at
    this.#at += length
    return start
  }

  /** Exact up to 2^53, which no time and no length reaches; sums and not shifts, which end at 32 bits. */
  #number(): number {
    const first = this.#bytes[this.#at++]!
    // Most are so small, and stay small integers.
    if (first < 0x80) return (first >>> 1) ^ -(first & 1)
    let [zigzag, factor] = [first & 0x7f, 0x80]
    for (;;) {
      const byte = this.#bytes[this.#at++]!
      zigzag += (byte & 0x7f) * factor
      if (byte < 0x80) break
      factor *= 0x80
    }
    return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2
  }
}
