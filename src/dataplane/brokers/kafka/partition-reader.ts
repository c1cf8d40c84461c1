import { invariant, MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { Schema } from '#language/schemas/schema.ts'
import type { Message, MessageDecoder } from '../../decoding/message-decoder.ts'
import { eventTimeRange } from '../../records/event-time-range.ts'
import type { DecodedBatch, LoggedBatch } from '../../records/record-batch.ts'
import type { CommittedFetch } from './committed-fetch.ts'
import type { MarkReader } from './mark-reader.ts'
import type { FetchedRecord } from './record-batches.ts'
import { refusalOf } from './refusal-header.ts'

export interface PartitionReaderSpec {
  readonly fetch: CommittedFetch
  readonly partition: number
  readonly schema: Schema
  readonly decoder: MessageDecoder
  /** Records further ahead of their arrival are rejected; null: none. */
  readonly maxFutureSkewMs: number | null
  /** Null where no partition is ever marked idle. */
  readonly marks: MarkReader | null
}

/** How far a partition was read. */
export interface ReadUpTo {
  readonly start: number
  readonly end: number
  readonly maxEventTime: number
  readonly maxEventTimeReceived: number
  readonly lastArrivalMs: number | null
}

const BATCH_RECORDS_MAX = 4096
const FETCH_BYTES_MAX = 4 * 1024 * 1024
const NONE = Number.NEGATIVE_INFINITY

/**
 * Makes batches of one partition's records. Kafka keeps no greatest event times, so they are known by reading on without a gap: from the beginning, or from
 * a place whose greatest event time somebody remembers.
 */
export class PartitionReader {
  readonly #spec: PartitionReaderSpec
  /** Where other readers stand, by offset, with the greatest event time before it: batches end there. */
  readonly #known = new Map<number, number>()
  #position = -1
  #fetched: readonly FetchedRecord[] = []
  /** Of `#fetched`, the first that is not in a batch yet. */
  #next = 0
  #fetchedEnd = -1
  #start = 0
  #end = 0
  #maxEventTime = NONE
  #maxEventTimeReceived = NONE
  #lastArrivalMs: number | null = null
  /** Up to this offset batches hold records of one arrival only. */
  #byArrivalUpTo = 0

  constructor(spec: PartitionReaderSpec) {
    this.#spec = spec
  }

  resumeAt(offset: number, maxEventTime: number): void {
    this.#known.set(offset, maxEventTime)
  }

  /** As of the last read; null when nothing was ever read. */
  get readUpTo(): ReadUpTo | null {
    if (this.#position < 0) return null
    const marked = this.#spec.marks?.greatestUpTo(this.#position) ?? NONE
    return {
      start: this.#start,
      end: this.#end,
      maxEventTime: Math.max(this.#maxEventTime, marked),
      maxEventTimeReceived: this.#maxEventTimeReceived,
      lastArrivalMs: this.#lastArrivalMs,
    }
  }

  /** One batch from `fromOffset` on; undefined at the end. Its arrays are lent until the next call. */
  async read(fromOffset: number, recordsMax: number): Promise<LoggedBatch | undefined> {
    if (fromOffset !== this.#position) await this.#moveTo(fromOffset)
    return this.#read(Number.POSITIVE_INFINITY, Math.min(recordsMax, BATCH_RECORDS_MAX))
  }

  /** Reads on to the end, to know the greatest event time. */
  async readThrough(): Promise<void> {
    if (this.#position < 0) await this.#moveTo((await this.#offsets()).start)
    while ((await this.#read(Number.POSITIVE_INFINITY, BATCH_RECORDS_MAX)) !== undefined);
  }

  async #moveTo(fromOffset: number): Promise<void> {
    const { start, end } = await this.#offsets()
    if (!Number.isSafeInteger(fromOffset) || fromOffset < start || fromOffset > end)
      throw new MysimbdpError(
        'MSB_LOG_OFFSET_OUT_OF_RANGE',
        `offset ${fromOffset} of '${this.#spec.fetch.topic}', partition ${this.#spec.partition}, is asked for, which holds ${start} to ${end}`,
      )
    const maxEventTime = this.#known.get(fromOffset) ?? (fromOffset === start ? NONE : undefined)
    if (maxEventTime !== undefined) return this.#restartAt(fromOffset, maxEventTime)
    if (this.#position < start || this.#position > fromOffset) this.#restartAt(start, NONE)
    while (this.#position < fromOffset) {
      const batch = await this.#read(fromOffset, BATCH_RECORDS_MAX)
      invariant(batch !== undefined, 'what lies before the end can be read')
    }
  }

  async #offsets(): Promise<{ readonly start: number; readonly end: number }> {
    const offsets = await this.#spec.fetch.offsets(this.#spec.partition)
    this.#start = offsets.start
    this.#end = offsets.end
    return offsets
  }

  #restartAt(offset: number, maxEventTime: number): void {
    this.#position = offset
    this.#maxEventTime = maxEventTime
    this.#maxEventTimeReceived = maxEventTime
    this.#fetched = []
    this.#next = 0
    this.#fetchedEnd = offset
  }

  /** A batch that ends at `limitOffset` or before. */
  async #read(limitOffset: number, recordsMax: number): Promise<LoggedBatch | undefined> {
    if (this.#next === this.#fetched.length && this.#position >= this.#fetchedEnd && !(await this.#fetchMore()))
      return undefined
    const batch = this.#nextBatch(limitOffset, recordsMax)
    this.#position = batch.endOffset
    this.#maxEventTime = Math.max(batch.maxEventTimeBefore, batch.maxEventTime)
    this.#maxEventTimeReceived = Math.max(this.#maxEventTimeReceived, batch.maxEventTime)
    return batch
  }

  /** Answers whether there was anything, be it a marker or an aborted record. */
  async #fetchMore(): Promise<boolean> {
    const { fetch, partition, decoder, marks } = this.#spec
    const fromOffset = this.#position
    const fetched = await fetch.fetch({ partition, fromOffset, maxBytes: FETCH_BYTES_MAX, maxWaitMs: 0 })
    await marks?.refresh()
    await decoder.learnSchemas(fetched.records.map(messageOf))
    this.#fetched = fetched.records
    this.#next = 0
    this.#fetchedEnd = fetched.nextOffset
    this.#start = Math.max(this.#start, fetched.logStartOffset)
    this.#end = Math.max(this.#end, fetched.lastStableOffset, fetched.nextOffset)
    return fetched.nextOffset > fromOffset
  }

  /**
   * A batch of what `#takeRecords` takes. Each record has an arrival of its own, by which it may come from the future, and a rejected one is dated by it. As a rule
   * nothing is rejected, by the earliest arrival not even: then records share a batch whenever they arrived. Otherwise these are decoded once more, by arrival.
   */
  #nextBatch(limitOffset: number, recordsMax: number): LoggedBatch {
    const [baseOffset, first] = [this.#position, this.#next]
    const byArrival = baseOffset < this.#byArrivalUpTo
    const taken = this.#takeRecords(limitOffset, recordsMax, byArrival)
    const following = this.#fetched[this.#next]
    const endOffset = Math.min(limitOffset, this.#nextEnd(baseOffset), following?.offset ?? this.#fetchedEnd)
    const batch = this.#batchOf(taken, baseOffset, endOffset)
    this.#lastArrivalMs = taken.at(-1)?.timestampMs ?? this.#lastArrivalMs
    if (byArrival || batch.rejected!.length === 0) return batch
    this.#byArrivalUpTo = endOffset
    this.#next = first
    return this.#nextBatch(limitOffset, recordsMax)
  }

  /** Records that may share a batch: none of them lies behind a place where a batch must end. */
  #takeRecords(limitOffset: number, recordsMax: number, sameArrival: boolean): readonly FetchedRecord[] {
    const first = this.#next
    const records = this.#fetched
    const limit = Math.min(
      limitOffset,
      this.#nextEnd(this.#position),
      this.#spec.marks?.nextBehind(this.#position) ?? Infinity,
    )
    const arrivalMs = records[first]?.timestampMs
    let end = first
    for (; end < records.length && end - first < recordsMax; end++) {
      const { offset, timestampMs } = records[end]!
      if (offset >= limit || (sameArrival && timestampMs !== arrivalMs)) break
    }
    this.#next = end
    return records.slice(first, end)
  }

  /** The next place behind an offset at which a batch has to end, because somebody stands there. */
  #nextEnd(behindOffset: number): number {
    let next = Number.POSITIVE_INFINITY
    for (const offset of this.#known.keys()) if (offset > behindOffset) next = Math.min(next, offset)
    return next
  }

  #batchOf(records: readonly FetchedRecord[], baseOffset: number, endOffset: number): LoggedBatch {
    const { partition, schema, decoder, maxFutureSkewMs, marks } = this.#spec
    decoder.write(records.map(messageOf))
    const arrivalMs = earliestArrivalMs(records) ?? this.#lastArrivalMs ?? 0
    const decoded = decoder.take(Number.POSITIVE_INFINITY, { arrivalMs, maxFutureSkewMs }) ?? nothingOf(schema)
    invariant(decoded.received === records.length, 'each message is one record')
    const { min, max } = eventTimeRange(decoded.batch.eventTimes)
    const { batch, rejected } = withOffsets(decoded, records, baseOffset)
    return {
      partition,
      baseOffset,
      endOffset,
      received: records.length,
      arrivalMs,
      maxEventTimeBefore: Math.max(this.#maxEventTime, marks?.greatestUpTo(baseOffset) ?? NONE),
      minEventTime: min,
      maxEventTime: max,
      batch,
      rejected,
    }
  }
}

/** Undefined where there are no records. Those of other producers may be dated in any order. */
function earliestArrivalMs(records: readonly FetchedRecord[]): number | undefined {
  let earliest = records[0]?.timestampMs
  for (const { timestampMs } of records) if (timestampMs < earliest!) earliest = timestampMs
  return earliest
}

/** Most messages have no headers, and are what they are. */
const messageOf = (record: FetchedRecord): Message => {
  const refusal = record.headers.length === 0 ? undefined : refusalOf(record.headers)
  return refusal === undefined ? record : { bytes: record.bytes, start: record.start, end: record.end, refusal }
}

/** Between two markers there may be no record at all. */
const nothingOf = (schema: Schema): DecodedBatch => ({
  received: 0,
  batch: { schema, rows: 0, columns: [], eventTimes: new Float64Array(0), positions: null },
  rejected: [],
  ambiguousTimes: 0,
})

/** The same with positions that count from `baseOffset` in offsets, which have gaps. */
function withOffsets(
  { batch, rejected }: DecodedBatch,
  records: readonly FetchedRecord[],
  baseOffset: number,
): Pick<DecodedBatch, 'batch' | 'rejected'> {
  const last = records.at(-1)
  // Without a gap up to the last record there is none before it.
  if (last === undefined || last.offset === baseOffset + records.length - 1) return { batch, rejected }
  const placeOf = (position: number): number => records[position]!.offset - baseOffset
  const positions = Uint32Array.from({ length: batch.rows }, (_, row) => placeOf(batch.positions?.[row] ?? row))
  return {
    batch: { ...batch, positions },
    rejected: rejected.map((record) => ({ ...record, position: placeOf(record.position) })),
  }
}
