import type { SourceNode } from '#language/plan/plan.ts'
import { decodeRecord } from './decode-record.ts'
import type { Row } from './typed-value.ts'

/** Records of a stream in the order they were received. `bytes` where a record is not valid UTF-8. */
export interface Step {
  readonly records: readonly InputRecord[]
  /** Rule 2.7: after the records. */
  readonly marks?: readonly Mark[]
}

export interface Mark {
  readonly partition: number
  readonly eventTime: number
}

export interface InputRecord {
  readonly partition: number
  /** Epoch ms. */
  readonly arrival: number
  /** The raw JSON text of the record. */
  readonly value: string
  /** The record as it was received, instead of `value`. */
  readonly bytes?: Uint8Array
}

/** How the input ends: see `evaluate`. */
export type InputEnd = 'bounded' | 'as-stream' | 'open'

export interface AcceptedRecord {
  readonly partition: number
  readonly offset: number
  readonly eventTime: number
  /** Rule 2.2: the watermark before this record in its partition. */
  readonly watermark: number
  readonly row: Row
}

export interface StreamCounts {
  readonly read: number
  readonly accepted: number
  readonly rejected: number
  /** Accepted records with a local time that occurs twice. */
  readonly ambiguousTimes: number
  readonly deadLetters: readonly {
    readonly partition: number
    readonly offset: number
    readonly code: string
    readonly field: string | null
  }[]
}

export interface ReadStream {
  readonly records: readonly AcceptedRecord[]
  /** Rule 2.4: the minimum over all partitions after the last record. */
  readonly minimumWatermark: number
  readonly counts: StreamCounts
}

/** Rule 1.8, policy `fail`. */
export class RecordRejected extends Error {
  readonly stream: string
  readonly partition: number
  readonly offset: number
  readonly code: string

  constructor(stream: string, partition: number, offset: number, code: string) {
    super(`record ${offset} of partition ${partition} of '${stream}' is rejected: ${code}`)
    this.stream = stream
    this.partition = partition
    this.offset = offset
    this.code = code
  }
}

interface Partition {
  nextOffset: number
  greatestEventTime: number
}

const BYTE_ORDER_MARK = Uint8Array.of(0xef, 0xbb, 0xbf)

/** Rules 1.1, 1.8, 2.2 and 2.6. The partitions of the stream are 0 to the greatest one that occurs. */
export function readStream(source: SourceNode, steps: readonly Step[], end: InputEnd): ReadStream {
  const history = steps.flatMap((step) => [
    ...step.records.filter((record) => bytesOf(record).length > 0),
    ...(step.marks ?? []),
  ])
  const input = history.filter((entry): entry is InputRecord => !isMark(entry))
  const partitions: Partition[] = []
  for (let index = 0; index <= Math.max(0, ...input.map((record) => record.partition)); index++) {
    partitions.push({ nextOffset: 0, greatestEventTime: -Infinity })
  }
  const delayMs = end === 'bounded' ? Infinity : (source.watermarkDelayMs ?? Infinity)
  const skewMs = end === 'bounded' ? Infinity : (source.maxFutureSkewMs ?? Infinity)
  const records: AcceptedRecord[] = []
  const deadLetters: StreamCounts['deadLetters'][number][] = []
  let ambiguousTimes = 0
  let index = -1
  for (const record of history) {
    const partition = partitions[record.partition]
    if (isMark(record)) {
      partition.greatestEventTime = Math.max(partition.greatestEventTime, record.eventTime)
      continue
    }
    index++
    const offset = partition.nextOffset++
    const bytes = index === 0 ? withoutByteOrderMark(bytesOf(record)) : bytesOf(record)
    const decoded = withFutureGuard(decodeRecord(bytes, source), source, record.arrival + skewMs)
    if (!decoded.accepted) {
      if (source.badRecords === 'fail')
        throw new RecordRejected(source.stream, record.partition, offset, decoded.refusal.code)
      deadLetters.push({ partition: record.partition, offset, ...decoded.refusal })
      continue
    }
    const eventTime = decoded.row[source.eventTime].value as number
    const watermark = partition.greatestEventTime - delayMs
    records.push({ partition: record.partition, offset, eventTime, watermark, row: decoded.row })
    if (decoded.ambiguous) ambiguousTimes++
    partition.greatestEventTime = Math.max(partition.greatestEventTime, eventTime)
  }
  const counts = { read: input.length, accepted: records.length, rejected: deadLetters.length, ambiguousTimes }
  return {
    records,
    minimumWatermark: Math.min(...partitions.map((partition) => partition.greatestEventTime)) - delayMs,
    counts: { ...counts, deadLetters: source.badRecords === 'skip' ? [] : deadLetters.sort(byPlace) },
  }
}

const isMark = (entry: InputRecord | Mark): entry is Mark => 'eventTime' in entry

const bytesOf = (record: InputRecord): Uint8Array => record.bytes ?? new TextEncoder().encode(record.value)

const withoutByteOrderMark = (bytes: Uint8Array): Uint8Array =>
  BYTE_ORDER_MARK.every((byte, index) => bytes[index] === byte) ? bytes.subarray(3) : bytes

function withFutureGuard(
  decoded: ReturnType<typeof decodeRecord>,
  source: SourceNode,
  latestMs: number,
): typeof decoded {
  if (!decoded.accepted) return decoded
  const eventTime = decoded.row[source.eventTime].value as number
  return eventTime > latestMs ? { accepted: false, refusal: { code: 'from_future', field: source.eventTime } } : decoded
}

/** By partition, then offset. */
export const byPlace = (
  a: { readonly partition: number; readonly offset: number },
  b: { readonly partition: number; readonly offset: number },
): number => a.partition - b.partition || a.offset - b.offset
