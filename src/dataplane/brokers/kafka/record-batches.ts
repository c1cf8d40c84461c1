import { compressionsAlgorithmsByBitmask } from '@platformatic/kafka'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { MessageHeaders } from './refusal-header.ts'

/** Records that a producer sent together, as they lie in a partition (format 2). Numbers are bigints where the package has read them. */
export interface RecordBatch {
  readonly firstOffset: number | bigint
  readonly lastOffsetDelta: number
  readonly attributes: number
  readonly firstTimestamp: number | bigint
  readonly maxTimestamp: number | bigint
  readonly producerId: bigint
  readonly records: readonly BatchRecord[]
}

export interface BatchRecord {
  readonly offsetDelta: number
  readonly timestampDelta: number | bigint
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: MessageHeaders
}

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
const COMPRESSION = 7

const NO_HEADERS: MessageHeaders = []

/**
 * The batches of an answer, without one at the end of which only a part is there. Keys and values are parts of `bytes`, not copies. The package's own reader makes
 * a pair for each number and a bigint for each time, which are collected then.
 * @throws MSB_KAFKA_FAILED for a compression that the package does not know
 */
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

function readBatch(bytes: Buffer): RecordBatch {
  const attributes = bytes.readInt16BE(ATTRIBUTES_AT)
  const records = decompressed(bytes.subarray(RECORDS_AT), attributes & COMPRESSION)
  return {
    firstOffset: Number(bytes.readBigInt64BE(0)),
    lastOffsetDelta: bytes.readInt32BE(LAST_OFFSET_DELTA_AT),
    attributes,
    firstTimestamp: Number(bytes.readBigInt64BE(FIRST_TIMESTAMP_AT)),
    maxTimestamp: Number(bytes.readBigInt64BE(MAX_TIMESTAMP_AT)),
    producerId: bytes.readBigInt64BE(PRODUCER_ID_AT),
    records: new RecordCursor(records).readRecords(bytes.readInt32BE(COUNT_AT)),
  }
}

function decompressed(bytes: Buffer, compression: number): Buffer {
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
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  readRecords(count: number): readonly BatchRecord[] {
    const records: BatchRecord[] = []
    for (let i = 0; i < count; i++) records.push(this.#readRecord())
    return records
  }

  #readRecord(): BatchRecord {
    const length = this.#number()
    const end = this.#at + length
    // Attributes, of which there are none yet.
    this.#at++
    const timestampDelta = this.#number()
    const offsetDelta = this.#number()
    const key = this.#part()
    const value = this.#part()
    const headers = this.#headers()
    this.#at = end
    return { offsetDelta, timestampDelta, key, value, headers }
  }

  #headers(): MessageHeaders {
    const count = this.#number()
    return count === 0 ? NO_HEADERS : Array.from({ length: count }, () => [this.#part(), this.#part()] as const)
  }

  #part(): Buffer | null {
    const length = this.#number()
    if (length < 0) return null
    const start = this.#at
    this.#at += length
    return this.#bytes.subarray(start, this.#at)
  }

  /** Exact up to 2^53, which no time and no length reaches; sums and not shifts, which end at 32 bits. */
  #number(): number {
    let [zigzag, factor] = [0, 1]
    for (;;) {
      const byte = this.#bytes[this.#at++]!
      zigzag += (byte & 0x7f) * factor
      if (byte < 0x80) break
      factor *= 0x80
    }
    return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2
  }
}
