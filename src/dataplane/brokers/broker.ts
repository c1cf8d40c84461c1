import type { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { Retention } from '#language/query/stream.ts'
import type { Schema } from '#language/schemas/schema.ts'
import type { DecodedBatch, LoggedBatch, RawFormat, RecordBatch, Rejection } from '../records/record-batch.ts'

/**
 * Where records wait between ingest and the queries. A stream is a log of partitions; each partition numbers its records
 * from 0 by offset. What `append` has answered survives a power cut.
 */
export interface Broker {
  /** Of a stream that is created. */
  readonly partitions: number
  /**
   * Opens a stream for reading and writing, and creates it where it does not exist. Each opening starts a new generation.
   * @param retention how long records are kept, all partitions together; without limit when absent
   */
  openStream(spec: StreamSpec, retention?: Retention): Promise<StreamLog>
  close(): Promise<void>
}

export interface StreamSpec {
  /** As on the wire: `{app}_{stream}`. */
  readonly topic: string
  readonly schema: Schema
  /** The field that holds the event time. */
  readonly eventTime: string
  readonly partitions: number
}

/** A stream's log as those see it who only read: jobs, and people who look at dead letters. */
export interface StreamReader {
  readonly spec: StreamSpec

  /**
   * Batches from the one that begins at `fromOffset` on, in order, until `maxRecords` records are reached, or fewer of them (at least
   * one batch when there is one). Empty at the end of the log. They are valid until the next call for this partition; who keeps one longer copies it.
   * @throws MSB_LOG_OFFSET_OUT_OF_RANGE when `fromOffset` lies before the first kept record, past the end, or inside a batch
   * @throws MSB_LOG_DAMAGED when what is stored cannot be trusted
   */
  read(partition: number, fromOffset: number, maxRecords: number): Promise<readonly LoggedBatch[]>

  /**
   * Where a log does not store greatest event times: tells it, before the first read, of a place that somebody stands at and the greatest event time
   * before that. Batches end at such a place however they are cut. A log whose batches are stored has no such method.
   */
  resumeAt?(partition: number, offset: number, maxEventTime: number): void

  /** Offsets and generations of a partition as of now. */
  bounds(partition: number): Promise<PartitionBounds>

  /** What a partition takes as of now. */
  size(partition: number): Promise<LogSize>

  /** Rejected records in offset order. */
  deadLetters(
    partition: number,
    query?: { readonly fromOffset?: number; readonly limit?: number },
  ): Promise<readonly DeadLetter[]>
  /** How many records were rejected, by reason. */
  deadLetterCounts(partition: number): Promise<readonly DeadLetterCount[]>

  /**
   * Calls back whenever the log may have grown, until the answer is called. Absent where all that is written comes through this process, which
   * says so itself.
   */
  watch?(onGrown: () => void): () => void

  close(): Promise<void>
}

/** A stream's log with the right to write: one at a time. */
export interface StreamLog extends StreamReader {
  /**
   * Registers an instance of a producer: raises its epoch, so that an older instance is refused from now on, and answers
   * the sequence number the log expects next, which never restarts.
   */
  openProducer(producerId: string): Promise<ProducerSession>
  /** The same without registering anybody; undefined for a producer that was never opened. */
  knownProducer(producerId: string): Promise<ProducerSession | undefined>

  /**
   * Appends received records, accepted and rejected, in one durable transaction. With a producer session, records that were
   * received before are trimmed and counted in `alreadyReceived`. The batch is not looked at any more once this has answered.
   * @throws MSB_LOG_SEQUENCE_GAP, MSB_LOG_PRODUCER_FENCED, MSB_LOG_FULL, MSB_DISK_FULL, MSB_STORAGE_FAILED; nothing is appended then
   */
  append(request: AppendRequest): Promise<AppendResult>

  /**
   * The same for several requests of one partition, one after the other, with a single sync: each is answered as `append` would, in their order. A
   * gap or an older epoch is the answer to its request alone.
   * @throws MSB_LOG_FULL, MSB_DISK_FULL, MSB_STORAGE_FAILED; nothing of any request is appended then
   */
  appendAll(requests: readonly AppendRequest[]): Promise<readonly AppendOutcome[]>

  /**
   * Forgets records from the front that are past the stream's retention and that nobody needs. Until it is called first, and for partitions that
   * are not named, readers need everything. It also holds for what the log deletes by itself while it is appended to.
   * @param nowMs epoch ms
   * @param neededFrom by partition, the lowest offset that a reader may still ask for
   * @throws MSB_DISK_FULL, MSB_STORAGE_FAILED
   */
  applyRetention(nowMs: number, neededFrom: ReadonlyMap<number, number>): Promise<void>

  /**
   * Marks a partition, durably: the records that come after count as if it had seen this event time (semantics 2.7). Answers whether that
   * raised anything; when it did not, nothing is written.
   */
  markIdle(partition: number, eventTimeMs: number): Promise<boolean>

  /**
   * Appends repaired records at the end of the log, arriving now; in the same transaction each dead letter is marked as replayed. One that
   * was replayed before is left out.
   * @throws MSB_DISK_FULL, MSB_STORAGE_FAILED; nothing is appended then
   */
  appendRepaired(records: RepairedRecords): Promise<ReplayResult>

  /**
   * Puts repaired records where they were rejected, each marked in the same transaction: from then on the log is as if they had been right
   * at once, the running maximum included. `PartitionBounds.revision` goes up, and state that was made before must be made anew. One
   * that was replayed before is left out.
   * @throws MSB_DISK_FULL, MSB_STORAGE_FAILED; some may be placed then
   */
  placeRepaired(records: RepairedRecords): Promise<ReplayResult>
}

export interface ProducerSession {
  readonly producerId: string
  readonly epoch: number
  /**
   * Sequence number of the first record the log has not received from this producer: one for each partition, which numbers by itself; a single one
   * where the log appends to all partitions in one transaction.
   */
  readonly nextSequences: readonly number[]
}

export interface AppendRequest {
  /** Null: the log places the records, by the key that the stream names or so that all partitions grow. */
  readonly partition: number | null
  readonly decoded: DecodedBatch
  readonly arrivalMs: number
  /** `baseSequence` numbers the first record of `decoded`; every received record counts, rejected ones too. */
  readonly producer?: { readonly producerId: string; readonly epoch: number; readonly baseSequence: number }
}

export interface AppendResult {
  /** Offset of the first record that was appended; the end of the log when all were received before. */
  readonly baseOffset: number
  readonly accepted: number
  readonly rejected: number
  readonly alreadyReceived: number
  /** Where a log with several partitions placed the records; absent where all went to one that is known. */
  readonly placed?: readonly PlacedRecords[]
}

/** What a request brought to one partition. */
export interface PlacedRecords {
  readonly partition: number
  readonly accepted: number
  /** Greatest event time of those; -Infinity for none. */
  readonly maxEventTimeMs: number
}

export type AppendOutcome = { readonly result: AppendResult } | { readonly error: MysimbdpError }

/**
 * Each opening of a partition for writing is a generation with an id of its own. A reader remembers (generation, offset); it
 * has seen what this log does not hold when the generation is unknown, or its offset lies past that generation's end.
 */
export interface Generation {
  readonly id: string
  readonly firstOffset: number
}

export interface PartitionBounds {
  /** Offset of the first record still kept. */
  readonly start: number
  /** Offset the next record will get. */
  readonly end: number
  /** Greatest event time of the accepted records before `start`; -Infinity for none. */
  readonly maxEventTimeBeforeStart: number
  /** Of the whole partition, idle marks included. */
  readonly maxEventTime: number
  /** Without the marks after the last record. */
  readonly maxEventTimeReceived: number
  /** When the last record was appended, epoch ms; null when that is not known any more. */
  readonly lastArrivalMs: number | null
  /** Oldest first; the last one is the present. */
  readonly generations: readonly Generation[]
  /** Goes up when repaired records are placed: what was made of the log at an earlier revision did not see them. */
  readonly revision: number
}

export interface LogSize {
  readonly bytes: number
  /** Retention deletes whole ones. */
  readonly segments: number
  /** Epoch ms; null for an empty log. */
  readonly oldestArrivalMs: number | null
}

export interface DeadLetter {
  readonly partition: number
  readonly offset: number
  readonly arrivalMs: number
  readonly rejection: Rejection
  readonly raw: Uint8Array
  readonly rawLength: number
  readonly format: RawFormat
  /** Null until it was replayed. */
  readonly replay: Replay | null
}

/** What became of a dead letter: `appended` at the end of the log, or `placed` where it was rejected. */
export interface Replay {
  readonly kind: 'appended' | 'placed'
  /** Where the record is now. */
  readonly offset: number
  readonly atMs: number
}

/** Dead letters that were decoded again and are right now. */
export interface RepairedRecords {
  readonly partition: number
  /** Offset of the dead letter that each row of `batch` was; ascending. */
  readonly letters: readonly number[]
  /** One row for each letter; its positions say nothing. */
  readonly batch: RecordBatch
  readonly nowMs: number
}

export interface ReplayResult {
  readonly replayed: number
  /** They had been replayed before, and were left out. */
  readonly replayedBefore: number
}

export interface DeadLetterCount {
  readonly code: Rejection['code']
  readonly field: string | null
  readonly expected: string | null
  readonly count: number
  /** One of them, as an example. */
  readonly example: { readonly offset: number; readonly found: string | null }
}
