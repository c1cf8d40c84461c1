import { invariant } from '#foundation/errors/mysimbdp-error.ts'
import type { MessageDecoder } from '../../decoding/message-decoder.ts'
import type { LoggedBatch } from '../../records/record-batch.ts'
import type { DeadLetter, DeadLetterCount, LogSize, PartitionBounds, StreamReader, StreamSpec } from '../broker.ts'
import { CommittedFetch } from './committed-fetch.ts'
import { createAdmin, type KafkaConnection } from './connection.ts'
import { DeadLetterReader } from './dead-letter-messages.ts'
import { GrowthWatch } from './growth-watch.ts'
import { asKafka } from './kafka-error.ts'
import { MarkReader } from './mark-reader.ts'
import { PartitionReader } from './partition-reader.ts'

/** How a stream's messages are read; whoever knows the app says so. */
export interface KafkaStreamOptions {
  createDecoder(): MessageDecoder
  /** Field whose value is the key of each record, and decides its partition; null: records have no key. */
  readonly keyBy: string | null
  /** IANA zone in which ingest writes times. */
  readonly timeZone: string
  /** Records further ahead of their arrival are rejected; null: none. */
  readonly maxFutureSkewMs: number | null
  /** Whether the stream has an idle timeout, so that its partitions may be marked. */
  readonly idleMarks: boolean
}

const NONE = Number.NEGATIVE_INFINITY

/** A stream on Kafka as jobs see it: committed records by partition and offset, decoded when they are read. */
export class KafkaStreamReader implements StreamReader {
  readonly spec: StreamSpec
  readonly #connection: KafkaConnection
  readonly #fetch: CommittedFetch
  readonly #marks: CommittedFetch | null
  readonly #deadLetters: DeadLetterReader
  readonly #partitions: readonly PartitionReader[]
  readonly #watches: GrowthWatch[] = []

  private constructor(
    connection: KafkaConnection,
    spec: StreamSpec,
    options: KafkaStreamOptions,
    opened: { fetch: CommittedFetch; marks: CommittedFetch | null; deadLetters: DeadLetterReader },
  ) {
    const { fetch, marks, deadLetters } = opened
    this.spec = spec
    this.#connection = connection
    this.#fetch = fetch
    this.#marks = marks
    this.#deadLetters = deadLetters
    this.#partitions = Array.from(
      { length: spec.partitions },
      (_, partition) =>
        new PartitionReader({
          fetch,
          partition,
          schema: spec.schema,
          decoder: options.createDecoder(),
          maxFutureSkewMs: options.maxFutureSkewMs,
          marks: marks === null ? null : new MarkReader(marks, partition),
        }),
    )
  }

  /** @throws MSB_KAFKA_UNREACHABLE, MSB_KAFKA_DENIED, MSB_KAFKA_TOPIC_NOT_FOUND */
  static async open(
    connection: KafkaConnection,
    spec: StreamSpec,
    options: KafkaStreamOptions,
  ): Promise<KafkaStreamReader> {
    const fetch = await CommittedFetch.open(connection, spec.topic)
    let marks: CommittedFetch | null = null
    try {
      marks = options.idleMarks ? await MarkReader.openTopic(connection, spec.topic) : null
      const deadLetters = await DeadLetterReader.open(connection, spec.topic)
      return new KafkaStreamReader(connection, spec, options, { fetch, marks, deadLetters })
    } catch (error) {
      await fetch.close()
      await marks?.close()
      throw error
    }
  }

  resumeAt(partition: number, offset: number, maxEventTime: number): void {
    this.#partition(partition).resumeAt(offset, maxEventTime)
  }

  /** One batch at most: its arrays are the decoder's. */
  async read(partition: number, fromOffset: number, maxRecords: number): Promise<readonly LoggedBatch[]> {
    const batch = await this.#partition(partition).read(fromOffset, maxRecords)
    if (batch !== undefined) return [batch]
    for (const watch of this.#watches) if (watch.partition === partition) watch.endReached(fromOffset)
    return []
  }

  /** Once a partition is read from, its bounds are as of the last read, and its greatest event time that of what was read. */
  async bounds(partition: number): Promise<PartitionBounds> {
    const read = this.#partition(partition).readUpTo
    const { start, end } = read ?? (await this.#fetch.offsets(partition))
    return {
      start,
      end,
      maxEventTimeBeforeStart: NONE,
      maxEventTime: read?.maxEventTime ?? NONE,
      maxEventTimeReceived: read?.maxEventTimeReceived ?? NONE,
      lastArrivalMs: read?.lastArrivalMs ?? null,
      // A topic that was deleted and made again has another id.
      generations: [{ id: this.#fetch.topicId, firstOffset: 0 }],
      revision: 0,
    }
  }

  /** Reads a partition to its end, so that `bounds` knows all of it. */
  async readThrough(partition: number): Promise<void> {
    await this.#partition(partition).readThrough()
  }

  /** First offset and end as of now, asked of the broker. */
  offsets(partition: number): Promise<{ readonly start: number; readonly end: number }> {
    return this.#fetch.offsets(partition)
  }

  async size(partition: number): Promise<LogSize> {
    const admin = createAdmin(this.#connection)
    try {
      const request = { topics: [{ name: this.spec.topic, partitions: [partition] }] }
      const brokers = await asKafka('asking for the size of a topic', () => admin.describeLogDirs(request))
      const replicas = brokers.flatMap(({ results }) =>
        results.flatMap(({ topics }) =>
          topics.flatMap(({ partitions }) => partitions.map(({ partitionSize }) => Number(partitionSize))),
        ),
      )
      // Of several replicas the largest: they differ by what is on its way.
      return { bytes: Math.max(0, ...replicas), segments: 1, oldestArrivalMs: null }
    } finally {
      await admin.close().catch(() => {})
    }
  }

  deadLetters(
    partition: number,
    {
      fromOffset = 0,
      limit = Number.POSITIVE_INFINITY,
    }: { readonly fromOffset?: number; readonly limit?: number } = {},
  ): Promise<readonly DeadLetter[]> {
    return this.#deadLetters.list(partition, fromOffset, limit)
  }

  deadLetterCounts(partition: number): Promise<readonly DeadLetterCount[]> {
    return this.#deadLetters.counts(partition)
  }

  watch(onGrown: () => void): () => void {
    const { topic, partitions } = this.spec
    const watches = Array.from(
      { length: partitions },
      (_, partition) => new GrowthWatch(this.#connection, topic, partition, onGrown),
    )
    this.#watches.push(...watches)
    return () => {
      for (const watch of watches) void watch.stop()
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#watches.map((watch) => watch.stop()))
    await this.#fetch.close()
    await this.#marks?.close()
    await this.#deadLetters.close()
  }

  #partition(partition: number): PartitionReader {
    const reader = this.#partitions[partition]
    invariant(reader !== undefined, `'${this.spec.topic}' has a partition ${partition}`)
    return reader
  }
}
