import { FetchIsolationLevels, ListOffsetTimestamps } from '@platformatic/kafka'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { OneAtATime } from '#foundation/threads/one-at-a-time.ts'
import { delay } from '#foundation/time/timers.ts'
import { createConsumer, type KafkaConnection } from './connection.ts'
import type { FetchAnswerPartition, QuickFetchConsumer } from './fetch-api.ts'
import { asKafka } from './kafka-error.ts'
import { addRecordsOf, type FetchedRecord, type RecordBatch } from './record-batches.ts'

export interface FetchedPartition {
  readonly records: readonly FetchedRecord[]
  /** Where to go on: behind the last record, and behind markers and aborted records, which have offsets too. */
  readonly nextOffset: number
  /** Up to here everything is decided; nothing behind it is given. */
  readonly lastStableOffset: number
  readonly logStartOffset: number
}

export interface FetchRequest {
  readonly partition: number
  readonly fromOffset: number
  readonly maxBytes: number
  /** How long the broker may wait for a record; 0 for an answer at once. */
  readonly maxWaitMs: number
}

/** Bits of a batch's attributes. */
const TRANSACTIONAL = 16
const CONTROL = 32
/** Type of the marker that ends an aborted transaction, in the key of its control record. */
const ABORT_MARKER = 0
/** Asked for at once where a partition is read through. */
const READ_BYTES_MAX = 4 * 1024 * 1024
/** A transaction is ended by its coordinator after a minute, which looks every ten seconds. */
const SETTLED_WITHIN_MS = 90_000
const SETTLED_PAUSE_MS = 20
/**
 * On the wire a byte, read_committed: the broker gives nothing that is undecided, and lists what was aborted. To the package it is another number, so that its own
 * filter keeps off. That one knows a single range for each producer, from the last aborted transaction in an answer to the last abort marker: where a
 * marker comes later without a transaction (a partition that was named but not written to), it drops everything that was committed in between.
 */
const READ_COMMITTED_UNFILTERED = FetchIsolationLevels.READ_COMMITTED + 0.5
/** No leader epoch is claimed: who leads is known by the metadata. */
const NO_EPOCH = -1

/** Reads committed records of one topic by partition and offset, in no group. */
export class CommittedFetch {
  readonly topic: string
  readonly topicId: string
  readonly #consumer: QuickFetchConsumer
  /** Fetches of one client share a session with the broker, whose numbers must not meet. */
  readonly #fetches = new OneAtATime()

  private constructor(topic: string, topicId: string, consumer: QuickFetchConsumer) {
    this.topic = topic
    this.topicId = topicId
    this.#consumer = consumer
  }

  /** @throws MSB_KAFKA_UNREACHABLE, MSB_KAFKA_DENIED, MSB_KAFKA_TOPIC_NOT_FOUND */
  static async open(connection: KafkaConnection, topic: string): Promise<CommittedFetch> {
    const consumer = createConsumer(connection, `mysimbdp-reader-${topic}`)
    try {
      const metadata = await asKafka(`opening '${topic}'`, () => consumer.metadata({ topics: [topic] }))
      consumer.topics.trackAll(topic)
      return new CommittedFetch(topic, metadata.topics.get(topic)!.id, consumer)
    } catch (error) {
      await consumer.close().catch(() => {})
      throw error
    }
  }

  /**
   * @throws MSB_LOG_OFFSET_OUT_OF_RANGE for an offset that the partition does not hold; MSB_KAFKA_TOPIC_NOT_FOUND also when
   * the topic was deleted and made again since it was opened
   */
  fetch({ partition, fromOffset, maxBytes, maxWaitMs }: FetchRequest): Promise<FetchedPartition> {
    const doing = `reading '${this.topic}', partition ${partition}, from offset ${fromOffset}`
    return this.#fetches.run(() =>
      asKafka(doing, async () => {
        const metadata = await this.#consumer.metadata({ topics: [this.topic] })
        const { responses } = await this.#consumer.fetchRecords({
          node: metadata.topics.get(this.topic)!.partitions[partition]!.leader,
          maxBytes,
          maxWaitTime: maxWaitMs,
          isolationLevel: READ_COMMITTED_UNFILTERED,
          topics: [
            {
              topicId: this.topicId,
              partitions: [
                {
                  partition,
                  fetchOffset: BigInt(fromOffset),
                  currentLeaderEpoch: NO_EPOCH,
                  lastFetchedEpoch: NO_EPOCH,
                  partitionMaxBytes: maxBytes,
                },
              ],
            },
          ],
        })
        const answer = responses.flatMap(({ partitions }) => partitions)
        return committedRecords(
          answer.find(({ partitionIndex }) => partitionIndex === partition),
          fromOffset,
        )
      }),
    )
  }

  /** First offset that is kept, and the last stable one, behind which nothing is decided yet. */
  async offsets(partition: number): Promise<{ readonly start: number; readonly end: number }> {
    const start = await this.#offsetAt(partition, { timestamp: ListOffsetTimestamps.EARLIEST })
    return { start, end: await this.#offsetAt(partition, { timestamp: ListOffsetTimestamps.LATEST }) }
  }

  async #offsetAt(
    partition: number,
    at: { readonly timestamp: bigint; readonly isolationLevel?: number },
  ): Promise<number> {
    const request = { topics: [this.topic], partitions: { [this.topic]: [partition] }, ...at }
    const offsets = await asKafka(`asking how far '${this.topic}' goes`, () => this.#consumer.listOffsets(request))
    return Number(offsets.get(this.topic)![partition])
  }

  /**
   * Waits until all that is written now is decided. An open transaction hides what was committed behind it: who goes on from what it reads must not take
   * an older state for the last one.
   * @throws MSB_KAFKA_FAILED when a transaction stays open for longer than any may
   */
  async settled(partition: number): Promise<void> {
    const timestamp = ListOffsetTimestamps.LATEST
    const written = await this.#offsetAt(partition, {
      timestamp,
      isolationLevel: FetchIsolationLevels.READ_UNCOMMITTED,
    })
    for (let waitedMs = 0; waitedMs < SETTLED_WITHIN_MS; waitedMs += SETTLED_PAUSE_MS) {
      if ((await this.#offsetAt(partition, { timestamp })) >= written) return
      await delay(SETTLED_PAUSE_MS)
    }
    throw new MysimbdpError(
      'MSB_KAFKA_FAILED',
      `a transaction on '${this.topic}', partition ${partition}, has been open for ${SETTLED_WITHIN_MS / 1000} s: what is behind it cannot be read`,
    )
  }

  /** Everything from an offset up to what is decided now, or nothing when the offset is behind that. */
  async *readToEnd(partition: number, fromOffset: number): AsyncGenerator<FetchedRecord> {
    const { start, end } = await this.offsets(partition)
    for (let next = Math.max(start, fromOffset); next < end; ) {
      const fetched = await this.fetch({ partition, fromOffset: next, maxBytes: READ_BYTES_MAX, maxWaitMs: 0 })
      yield* fetched.records
      next = fetched.nextOffset
    }
  }

  async close(): Promise<void> {
    await this.#consumer.close(true).catch(() => {})
  }
}

/** A session leaves a partition out in which nothing has happened. */
const NOTHING_NEW = { records: [], lastStableOffset: -1, logStartOffset: -1 }

/** What of an answer is committed. The broker gives everything up to the last stable offset, with a list of what was aborted in it. */
export function committedRecords(partition: FetchAnswerPartition | undefined, fromOffset: number): FetchedPartition {
  if (partition === undefined) return { ...NOTHING_NEW, nextOffset: fromOffset }
  const batches = partition.records ?? []
  const records: FetchedRecord[] = []
  const isAborted = abortedBatches(partition)
  for (const batch of batches) {
    if (isAborted(batch) || (batch.attributes & CONTROL) !== 0) continue
    addRecordsOf(batch, fromOffset, records)
  }
  const last = batches.at(-1)
  return {
    records,
    nextOffset: last === undefined ? fromOffset : Math.max(fromOffset, lastOffsetOf(last) + 1),
    lastStableOffset: Number(partition.lastStableOffset),
    logStartOffset: Number(partition.logStartOffset),
  }
}

/**
 * Says of batches, asked in their order, whether their transaction was aborted. The rule of Kafka's own consumer: a producer's aborted transaction begins
 * at the offset that the list names, and goes on until its abort marker, which may come in a later answer. The package's filter knows one transaction for
 * each producer, and only when the marker is in the same answer.
 */
function abortedBatches({ abortedTransactions }: FetchAnswerPartition): (batch: RecordBatch) => boolean {
  const begins = [...(abortedTransactions ?? [])].sort((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1))
  const aborting = new Set<bigint>()
  let next = 0
  return (batch) => {
    const last = lastOffsetOf(batch)
    for (; next < begins.length && Number(begins[next]!.firstOffset) <= last; next++)
      aborting.add(begins[next]!.producerId)
    if ((batch.attributes & CONTROL) !== 0) {
      if (isAbortMarker(batch)) aborting.delete(batch.producerId)
      return false
    }
    return (batch.attributes & TRANSACTIONAL) !== 0 && aborting.has(batch.producerId)
  }
}

/** A control batch has one record, whose key says what it is. */
function isAbortMarker(batch: RecordBatch): boolean {
  const records: FetchedRecord[] = []
  addRecordsOf(batch, 0, records)
  return records[0]?.key?.readInt16BE(2) === ABORT_MARKER
}

const lastOffsetOf = (batch: RecordBatch): number => batch.firstOffset + batch.lastOffsetDelta
