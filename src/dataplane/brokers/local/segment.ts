import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { faultPoint } from '#foundation/faults/fault-points.ts'
import { type Database, type DatabaseOptions, openDatabase } from '#foundation/sqlite/database.ts'
import { requestCheckpoint } from '#foundation/threads/checkpoint-thread.ts'
import { BatchReader } from '../../records/batch-reader.ts'
import { copyBatch } from '../../records/copy-batch.ts'
import { encodeBatches } from '../../records/encode-batch.ts'
import type { EventTimeRange } from '../../records/event-time-range.ts'
import type { DecodedBatch, Dictionary, LoggedBatch } from '../../records/record-batch.ts'
import type { Generation } from '../broker.ts'
import type { ProducerState } from '../producer-sequence.ts'
import { BatchTable, type StoredBatch } from './batch-table.ts'
import { DeadLetterTable } from './dead-letter-table.ts'
import { DictionaryTable } from './dictionary-table.ts'
import { publishFile, removeSegmentFile } from './durable-files.ts'
import { GenerationTable } from './generation-table.ts'
import { logDamaged } from './log-damage.ts'
import type { LogEnd } from './log-end.ts'
import { MarkTable } from './mark-table.ts'
import { ProducerTable } from './producer-table.ts'
import { RepairTable } from './repair-table.ts'
import { repairedBatch } from './repaired-batch.ts'
import { ReplayTable } from './replay-table.ts'
import { type Revision, RevisionTable } from './revision-table.ts'
import { readMeta, type SegmentMeta } from './segment-meta.ts'
import { CHECKPOINT_BYTES, PAGE_SIZE_BYTES } from './segment-pages.ts'
import { SEGMENT_FORMAT, segmentTables } from './segment-tables.ts'

/** What a segment begins with: a copy of all that the one before it ended with. */
export interface SegmentStart extends SegmentMeta {
  readonly producers: readonly ProducerState[]
  readonly generations: readonly Generation[]
  readonly revision: Revision
  /** What idle marks make of its running maximum from the first record on; -Infinity for none. */
  readonly markedEventTime: number
}

export interface SegmentAppend {
  readonly baseOffset: number
  readonly arrivalMs: number
  readonly maxEventTimeBefore: number
  /** Of the accepted records. */
  readonly eventTimes: EventTimeRange
  readonly decoded: DecodedBatch
  /** The producer as it is after this batch. */
  readonly producer: ProducerState | null
  /** For a batch of repaired records: the offsets of the dead letters they were, in the order of the records. */
  readonly replayOf?: readonly number[]
}

export type SegmentAccess = Pick<DatabaseOptions, 'readOnly' | 'maxPageCount' | 'autoCheckpointPages'>

const SCHEMA_VERSION = 1

/**
 * Creates the file of a segment. It gets its name only when it is complete, so a crash leaves nothing that could be taken for
 * a segment, and a file that has the name and is not complete is damaged.
 */
export function createSegment(path: string, start: SegmentStart, access: SegmentAccess): void {
  const unfinished = `${path}.new`
  removeSegmentFile(unfinished)
  const database = openDatabase(unfinished, {
    ...access,
    synchronous: 'FULL',
    damagedCode: 'MSB_LOG_DAMAGED',
    pageSizeBytes: PAGE_SIZE_BYTES,
  })
  try {
    database.transaction(() => writeStart(database, start))
  } finally {
    database.close()
  }
  publishFile(unfinished, path)
}

function writeStart(database: Database, start: SegmentStart): void {
  database.exec(segmentTables)
  database
    .prepare(
      'INSERT INTO meta (id, format_version, topic, partition, first_offset, schema, event_time, max_event_time_before) VALUES (1, ?, ?, ?, ?, ?, ?, ?)',
    )
    .run(
      SEGMENT_FORMAT,
      start.topic,
      start.partition,
      start.firstOffset,
      JSON.stringify(start.schema),
      start.eventTime,
      start.maxEventTimeBefore,
    )
  const producers = new ProducerTable(database)
  for (const producer of start.producers) producers.put(producer)
  const generations = new GenerationTable(database)
  for (const generation of start.generations) generations.add(generation)
  new RevisionTable(database).put(start.revision)
  if (start.markedEventTime > start.maxEventTimeBefore)
    new MarkTable(database).raise(start.firstOffset, start.markedEventTime)
}

/** One file of a partition: the batches from its first offset on, and all that belongs to them. */
export class Segment {
  readonly file: string
  readonly meta: SegmentMeta
  readonly batches: BatchTable
  readonly deadLetters: DeadLetterTable
  readonly producers: ProducerTable
  readonly generations: GenerationTable
  readonly replays: ReplayTable
  readonly repairs: RepairTable
  readonly marks: MarkTable
  readonly revision: RevisionTable
  readonly #dictionaries: DictionaryTable
  readonly #database: Database
  readonly #eventTimeIndex: number
  /** Appended since the checkpoint thread was asked last. */
  #uncheckedBytes = 0

  constructor(file: string, firstOffset: number, access: SegmentAccess) {
    this.file = file
    this.#database = openDatabase(file, { ...access, synchronous: 'FULL', damagedCode: 'MSB_LOG_DAMAGED' })
    try {
      this.meta = readMeta(this.#database, firstOffset)
      this.batches = new BatchTable(this.#database)
      this.deadLetters = new DeadLetterTable(this.#database, this.meta.partition)
      this.producers = new ProducerTable(this.#database)
      this.generations = new GenerationTable(this.#database)
      this.replays = new ReplayTable(this.#database)
      this.repairs = new RepairTable(this.#database)
      this.marks = new MarkTable(this.#database)
      this.revision = new RevisionTable(this.#database)
      this.#dictionaries = new DictionaryTable(this.#database)
      this.#eventTimeIndex = this.meta.schema.fields.findIndex((field) => field.name === this.meta.eventTime)
    } catch (error) {
      this.#database.close()
      // A table or column that is not there: the file opens, but is none of ours any more.
      const foreign = error instanceof MysimbdpError && error.code === 'MSB_INTERNAL'
      throw foreign ? logDamaged(file, firstOffset, 'the file does not have the tables of a segment', error) : error
    }
  }

  /** Greatest event time of all records accepted or placed before this segment; -Infinity for none. */
  get maxEventTimeBefore(): number {
    return Math.max(this.meta.maxEventTimeBefore, this.repairs.raise)
  }

  /** The same with those of this segment. */
  get maxEventTimeAccepted(): number {
    const placed = this.repairs.maxEventTimeBefore(Number.MAX_SAFE_INTEGER)
    return Math.max(this.maxEventTimeBefore, placed, this.batches.maxEventTime())
  }

  end(): LogEnd {
    const last = this.batches.lastUpTo(Number.MAX_SAFE_INTEGER)
    const offset = last === undefined ? this.meta.firstOffset : last.base_offset + last.received
    const raised = Math.max(this.maxEventTimeBefore, this.repairs.maxEventTimeBefore(offset))
    const maxEventTimeReceived =
      last === undefined ? raised : Math.max(last.max_event_time_before, last.max_event_time, raised)
    return {
      offset,
      maxEventTimeReceived,
      maxEventTime: Math.max(maxEventTimeReceived, this.marks.greatestUpTo(offset)),
      lastArrivalMs: last?.arrival_ms ?? null,
    }
  }

  /** A reader for the batches of this segment and of others of the partition. */
  newReader(): BatchReader {
    return new BatchReader(this.meta.schema, this.#eventTimeIndex)
  }

  /** The batch that begins at this offset, valid until the reader reads another one. @throws MSB_LOG_DAMAGED */
  read(offset: number, reader: BatchReader): LoggedBatch | undefined {
    const stored = this.batches.get(offset)
    if (stored === undefined) return undefined
    const batch = reader.read(stored.body, (epoch, length) => this.#dictionaries.read(epoch, length, offset))
    const logged = {
      partition: this.meta.partition,
      baseOffset: offset,
      endOffset: offset + stored.received,
      received: stored.received,
      arrivalMs: stored.arrival_ms,
      maxEventTimeBefore: stored.max_event_time_before,
      minEventTime: stored.min_event_time,
      maxEventTime: stored.max_event_time,
      batch,
    }
    return this.repairs.isUntouched ? logged : this.#repaired(logged)
  }

  #repaired(logged: LoggedBatch): LoggedBatch {
    const { baseOffset, received } = logged
    const reader = this.newReader()
    const placed = this.repairs.within(baseOffset, baseOffset + received - 1).map(({ record_offset, body }) => ({
      offset: record_offset,
      batch: copyBatch(reader.read(body, noDictionary)),
    }))
    const maxEventTimeBefore = Math.max(logged.maxEventTimeBefore, this.repairs.maxEventTimeBefore(baseOffset))
    return repairedBatch({ ...logged, maxEventTimeBefore }, placed)
  }

  /**
   * Writes received records and what goes with them, of all appends, in one durable transaction.
   * @param makeRoom is told how many bytes they take, about, and throws when there is no room; nothing is written then
   */
  append(appends: readonly SegmentAppend[], makeRoom: (bytes: number) => void): void {
    const used = new Set<Dictionary>()
    const epochOf = (dictionary: Dictionary): number => {
      used.add(dictionary)
      return this.#dictionaries.epochOf(dictionary)
    }
    const bodies = encodeBatches(
      appends.map(({ decoded }) => decoded.batch),
      epochOf,
    )
    const batchBytes = sum(bodies.map(({ length }) => length))
    makeRoom(PAGE_SIZE_BYTES + batchBytes + sum(appends.map(rejectedBytes)) + this.#dictionaries.newEntryBytes(used))
    const dictionariesWritten = this.#database.transaction(() => {
      const written = this.#dictionaries.writeNewEntries(used)
      for (const [i, append] of appends.entries()) {
        this.batches.insert(storedBatch(append, bodies[i]!))
        this.deadLetters.insert(append.baseOffset, append.arrivalMs, append.decoded.rejected)
        for (const [row, letter] of (append.replayOf ?? []).entries())
          this.replays.add(letter, append.baseOffset + row, append.arrivalMs)
        if (append.producer !== null) this.producers.put(append.producer)
        faultPoint('log.batch-written')
      }
      return written
    })
    dictionariesWritten()
    this.#uncheckedBytes += batchBytes
    if (this.#uncheckedBytes < CHECKPOINT_BYTES) return
    this.#uncheckedBytes = 0
    requestCheckpoint(this.file)
  }

  /** Offset after the last record. */
  get endOffset(): number {
    const last = this.batches.lastUpTo(Number.MAX_SAFE_INTEGER)
    return last === undefined ? this.meta.firstOffset : last.base_offset + last.received
  }

  /** Nothing is written any more: the file becomes as small as it can, unless a reader is in the way. */
  seal(): void {
    this.#database.truncateWal()
  }

  transaction(work: () => void): void {
    this.#database.transaction(work)
  }

  get sizeBytes(): number {
    return this.#database.sizeBytes
  }

  /** The file may not grow beyond so many pages: lets a test meet a full disk. */
  limitPages(count: number): void {
    this.#database.limitPages(count)
  }

  /** Never throws. */
  close(): void {
    this.#database.close()
  }
}

const noDictionary = (): never => {
  throw new MysimbdpError('MSB_INTERNAL', 'a placed record refers to a dictionary')
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)

const rejectedBytes = ({ decoded }: SegmentAppend): number => sum(decoded.rejected.map(({ raw }) => raw.length))

function storedBatch({ decoded, producer, eventTimes, ...append }: SegmentAppend, body: Uint8Array): StoredBatch {
  return {
    base_offset: append.baseOffset,
    received: decoded.received,
    accepted: decoded.batch.rows,
    arrival_ms: append.arrivalMs,
    max_event_time_before: append.maxEventTimeBefore,
    min_event_time: eventTimes.min,
    max_event_time: eventTimes.max,
    schema_version: SCHEMA_VERSION,
    producer_id: producer?.id ?? null,
    producer_epoch: producer?.epoch ?? null,
    base_sequence: producer === null ? null : producer.nextSequence - decoded.received,
    body,
  }
}
