import { invariant, MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { randomId } from '#foundation/random/random-id.ts'
import { OneAtATime } from '#foundation/threads/one-at-a-time.ts'
import { delay } from '#foundation/time/timers.ts'
import type { LoggedBatch } from '../../records/record-batch.ts'
import type {
  AppendOutcome,
  AppendRequest,
  AppendResult,
  DeadLetter,
  DeadLetterCount,
  LogSize,
  PartitionBounds,
  ProducerSession,
  RepairedRecords,
  ReplayResult,
  StreamLog,
  StreamSpec,
} from '../broker.ts'
import type { ProducerState } from '../producer-sequence.ts'
import { planAppends } from './append-plan.ts'
import type { KafkaConnection } from './connection.ts'
import { replayMessage } from './dead-letter-messages.ts'
import type { KafkaStreamOptions, KafkaStreamReader } from './kafka-stream-reader.ts'
import { markMessage } from './mark-reader.ts'
import { ownerMessage, producerStateMessage, readProducers } from './producer-states.ts'
import { recordMessages } from './record-messages.ts'
import { ReplayedLetters } from './replayed-letters.ts'
import { type KafkaTransaction, TransactionalProducer } from './transactional-producer.ts'

/** What the writer of a stream has open; gone after an error, and opened again by the next call. */
interface Writer {
  readonly producer: TransactionalProducer
  readonly states: readonly Map<string, ProducerState>[]
}

const TAKE_OVER_ATTEMPTS = 5
const VISIBLE_PAUSE_MS = 2

/** A stream on Kafka with the right to write: records, producers and marks, each call one transaction. */
export class KafkaStreamLog implements StreamLog {
  readonly #connection: KafkaConnection
  readonly #options: KafkaStreamOptions
  readonly #reader: KafkaStreamReader
  /** Names this opening, so that it knows itself after an error from an instance that took over. */
  readonly #owner = randomId()
  readonly #replayed = new ReplayedLetters()
  readonly #calls = new OneAtATime()
  #writer: Writer | null = null
  /** By partition, the offset of the last record that this opening appended. */
  readonly #lastAppended = new Map<number, number>()
  /** Another instance owns the stream. */
  #fenced: MysimbdpError | null = null

  private constructor(connection: KafkaConnection, options: KafkaStreamOptions, reader: KafkaStreamReader) {
    this.#connection = connection
    this.#options = options
    this.#reader = reader
  }

  /** Takes the stream over from whoever wrote to it before. */
  static async open(
    connection: KafkaConnection,
    options: KafkaStreamOptions,
    reader: KafkaStreamReader,
  ): Promise<KafkaStreamLog> {
    const log = new KafkaStreamLog(connection, options, reader)
    await log.#calls.run(() => log.#takeOver())
    return log
  }

  get spec(): StreamSpec {
    return this.#reader.spec
  }

  async openProducer(producerId: string): Promise<ProducerSession> {
    return this.#write(async ({ states }, transaction) => {
      const epoch = Math.max(...states.map((known) => known.get(producerId)?.epoch ?? 0)) + 1
      const opened = states.map((known): ProducerState => {
        const { nextSequence = 0, lastArrivalMs = null } = known.get(producerId) ?? {}
        return { id: producerId, epoch, nextSequence, lastArrivalMs }
      })
      await transaction.send(opened.map((state, partition) => producerStateMessage(this.spec.topic, partition, state)))
      const answer = { producerId, epoch, nextSequences: opened.map(({ nextSequence }) => nextSequence) }
      return {
        answer,
        onCommitted: () => {
          for (const [partition, state] of opened.entries()) states[partition]!.set(producerId, state)
        },
      }
    })
  }

  async knownProducer(producerId: string): Promise<ProducerSession | undefined> {
    const { states } = await this.#calls.run(() => this.#openWriter())
    const known = states.map((partition) => partition.get(producerId))
    const epoch = Math.max(...known.map((state) => state?.epoch ?? 0))
    return epoch === 0
      ? undefined
      : { producerId, epoch, nextSequences: known.map((state) => state?.nextSequence ?? 0) }
  }

  async append(request: AppendRequest): Promise<AppendResult> {
    const [outcome] = await this.appendAll([request])
    if ('error' in outcome!) throw outcome.error
    return outcome!.result
  }

  async appendAll(requests: readonly AppendRequest[]): Promise<readonly AppendOutcome[]> {
    const [first] = requests
    if (first === undefined) return []
    const { partition } = first
    invariant(
      requests.every((request) => request.partition === partition),
      'requests that are appended together are of one partition',
    )
    return this.#write(async ({ states }, transaction) => {
      const known = states[partition]
      invariant(known !== undefined, `'${this.spec.topic}' has a partition ${partition}`)
      const plan = planAppends(requests, known)
      const { topic } = this.spec
      const records = plan.appends.flatMap((decoded) => recordMessages({ topic, partition }, decoded, this.#options))
      const producers = [...plan.producers.values()].map((state) => producerStateMessage(topic, partition, state))
      const offsets = await transaction.send([...records, ...producers])
      const end = offsets.length === 0 ? (await this.#visibleOffsets(partition)).end : 0
      return {
        answer: plan.outcomes(offsets, end),
        onCommitted: () => {
          const last = records.length === 0 ? undefined : offsets[records.length - 1]
          if (last !== undefined) this.#lastAppended.set(partition, last)
          for (const [id, state] of plan.producers) known.set(id, state)
        },
      }
    })
  }

  /** Kafka forgets by the settings of the topic. */
  async applyRetention(): Promise<void> {}

  async markIdle(partition: number, eventTimeMs: number): Promise<boolean> {
    const { end, maxEventTime } = await this.bounds(partition)
    if (eventTimeMs <= maxEventTime) return false
    return this.#write(async (_, transaction) => {
      await transaction.send([markMessage(this.spec.topic, partition, { offset: end, eventTimeMs })])
      return { answer: true }
    })
  }

  async appendRepaired({ partition, letters, batch, nowMs }: RepairedRecords): Promise<ReplayResult> {
    return this.#write(async (_, transaction) => {
      // Here nothing of a predecessor is undecided any more.
      const before = this.#replayed.among(partition, letters, await this.deadLetters(partition))
      const { topic } = this.spec
      const decoded = { received: batch.rows, batch: { ...batch, positions: null }, rejected: [], ambiguousTimes: 0 }
      const messages = recordMessages({ topic, partition }, decoded, this.#options)
      const fresh = letters.flatMap((letter, row) => (before.has(letter) ? [] : [{ letter, message: messages[row]! }]))
      const offsets = await transaction.send(fresh.map(({ message }) => message))
      const replays = fresh.map(({ letter }, index) =>
        replayMessage(topic, partition, letter, { kind: 'appended', offset: offsets[index]!, atMs: nowMs }),
      )
      await transaction.send(replays)
      return {
        answer: { replayed: fresh.length, replayedBefore: letters.length - fresh.length },
        onCommitted: () => this.#replayed.add(partition, fresh),
      }
    })
  }

  async placeRepaired(): Promise<ReplayResult> {
    throw new MysimbdpError('MSB_KAFKA_UNSUPPORTED', 'a record cannot be put into the middle of a Kafka topic', {
      hint: 'Bring the records back at the end: replay without --rebuild.',
    })
  }

  async read(partition: number, fromOffset: number, maxRecords: number): Promise<readonly LoggedBatch[]> {
    await this.#visibleOffsets(partition)
    return this.#reader.read(partition, fromOffset, maxRecords)
  }

  /** Offsets as of now. Greatest event times are known where partitions may be marked idle: then the partition is read through. */
  async bounds(partition: number): Promise<PartitionBounds> {
    return this.#calls.run(async () => {
      const offsets = await this.#visibleOffsets(partition)
      if (this.#options.idleMarks) await this.#reader.readThrough(partition)
      const bounds = await this.#reader.bounds(partition)
      return { ...bounds, ...offsets }
    })
  }

  /** A commit is answered when it is certain, a moment before readers see it: who has appended sees it here at once. */
  async #visibleOffsets(partition: number): Promise<{ readonly start: number; readonly end: number }> {
    const lastAppended = this.#lastAppended.get(partition) ?? -1
    for (;;) {
      const offsets = await this.#reader.offsets(partition)
      if (offsets.end > lastAppended) return offsets
      await delay(VISIBLE_PAUSE_MS)
    }
  }

  size(partition: number): Promise<LogSize> {
    return this.#reader.size(partition)
  }

  deadLetters(
    partition: number,
    query?: { readonly fromOffset?: number; readonly limit?: number },
  ): Promise<readonly DeadLetter[]> {
    return this.#reader.deadLetters(partition, query)
  }

  deadLetterCounts(partition: number): Promise<readonly DeadLetterCount[]> {
    return this.#reader.deadLetterCounts(partition)
  }

  async close(): Promise<void> {
    await this.#calls.run(async () => {
      await this.#writer?.producer.close()
      this.#writer = null
    })
    await this.#reader.close()
  }

  /**
   * One transaction. What `work` changes in memory happens when it is committed. After an error it is not known whether it was: the next call opens
   * the writer again, which settles it, and reads from the topic how far producers are.
   */
  #write<T>(work: (writer: Writer, transaction: KafkaTransaction) => Promise<Work<T>>): Promise<T> {
    return this.#calls.run(async () => {
      const writer = await this.#openWriter()
      try {
        const { answer, onCommitted } = await writer.producer.run((transaction) => work(writer, transaction))
        onCommitted?.()
        return answer
      } catch (error) {
        this.#writer = null
        await writer.producer.close()
        if (error instanceof MysimbdpError && error.code === 'MSB_KAFKA_FENCED') await this.#requireOwnership(error)
        throw error
      }
    })
  }

  /** The coordinator fences a writer also when its transaction took too long; then the topic still names this opening as owner. */
  async #requireOwnership(error: MysimbdpError): Promise<void> {
    const { topic, partitions } = this.spec
    const { owner } = await readProducers(this.#connection, topic, partitions)
    if (owner !== this.#owner) {
      this.#fenced = error
      return
    }
    throw new MysimbdpError('MSB_KAFKA_FAILED', `a transaction of '${topic}' took too long, and was ended`, {
      cause: error,
    })
  }

  /** Of the first opening: whoever owned the stream may have gone on for a moment, not knowing yet. */
  async #takeOver(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        this.#writer = await this.#newWriter()
        return
      } catch (error) {
        const isFenced = error instanceof MysimbdpError && error.code === 'MSB_KAFKA_FENCED'
        if (!isFenced || attempt === TAKE_OVER_ATTEMPTS) throw error
      }
    }
  }

  async #openWriter(): Promise<Writer> {
    if (this.#fenced !== null) throw this.#fenced
    this.#writer ??= await this.#newWriter(this.#owner)
    return this.#writer
  }

  /** @param owner who has to own the stream, if it is not to be taken over */
  async #newWriter(owner?: string): Promise<Writer> {
    const { topic, partitions } = this.spec
    const producer = await TransactionalProducer.open(this.#connection, `mysimbdp-ingest-${topic}`)
    try {
      const known = await readProducers(this.#connection, topic, partitions)
      if (owner !== undefined && known.owner !== owner) {
        this.#fenced = new MysimbdpError(
          'MSB_KAFKA_FENCED',
          `another instance has taken over the writing of '${topic}'`,
        )
        throw this.#fenced
      }
      await producer.run((transaction) => transaction.send([ownerMessage(topic, this.#owner)]))
      return { producer, states: known.states }
    } catch (error) {
      await producer.close()
      throw error
    }
  }
}

interface Work<T> {
  readonly answer: T
  onCommitted?(): void
}
