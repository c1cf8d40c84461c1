import { invariant, MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
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
  PlacedRecords,
  ProducerSession,
  RepairedRecords,
  ReplayResult,
  StreamLog,
  StreamSpec,
} from '../broker.ts'
import { planAppends } from './append-plan.ts'
import type { KafkaConnection } from './connection.ts'
import { replayMessage } from './dead-letter-messages.ts'
import type { KafkaStreamOptions, KafkaStreamReader } from './kafka-stream-reader.ts'
import { markMessage } from './mark-reader.ts'
import { producerStateMessage } from './producer-states.ts'
import { recordMessages } from './record-messages.ts'
import { placedRecords, RecordPlacing } from './record-placing.ts'
import { ReplayedLetters } from './replayed-letters.ts'
import { StreamWriter } from './stream-writer.ts'
import type { KafkaMessage } from './transactional-producer.ts'

/** What this opening has appended to a partition. */
interface Appended {
  readonly lastOffset: number
  readonly arrivalMs: number
  readonly maxEventTime: number
}

const VISIBLE_PAUSE_MS = 2
const VISIBLE_ATTEMPTS = 250
const NOTHING: Appended = { lastOffset: -1, arrivalMs: 0, maxEventTime: Number.NEGATIVE_INFINITY }

/** A stream on Kafka with the right to write: records, producers and marks, each call one transaction over all partitions. */
export class KafkaStreamLog implements StreamLog {
  readonly #options: KafkaStreamOptions
  readonly #reader: KafkaStreamReader
  readonly #writer: StreamWriter
  readonly #placing: RecordPlacing
  readonly #readings = new OneAtATime()
  readonly #replayed = new ReplayedLetters()
  readonly #appended = new Map<number, Appended>()
  /** Partitions in which a transaction of somebody else keeps what was appended from being seen. */
  readonly #held = new Set<number>()

  private constructor(options: KafkaStreamOptions, reader: KafkaStreamReader, writer: StreamWriter) {
    this.#options = options
    this.#reader = reader
    this.#writer = writer
    this.#placing = new RecordPlacing(reader.spec.partitions, options.keyBy)
  }

  /** Takes the stream over from whoever wrote to it before. */
  static async open(
    connection: KafkaConnection,
    options: KafkaStreamOptions,
    reader: KafkaStreamReader,
  ): Promise<KafkaStreamLog> {
    return new KafkaStreamLog(options, reader, await StreamWriter.open(connection, reader.spec.topic))
  }

  get spec(): StreamSpec {
    return this.#reader.spec
  }

  async openProducer(producerId: string): Promise<ProducerSession> {
    return this.#writer.write(async (producers, transaction) => {
      const { epoch = 0, nextSequence = 0, lastArrivalMs = null } = producers.get(producerId) ?? {}
      const opened = { id: producerId, epoch: epoch + 1, nextSequence, lastArrivalMs }
      await transaction.send([producerStateMessage(this.spec.topic, opened)])
      return {
        answer: { producerId, epoch: opened.epoch, nextSequences: [nextSequence] },
        onCommitted: () => producers.set(producerId, opened),
      }
    })
  }

  async knownProducer(producerId: string): Promise<ProducerSession | undefined> {
    const known = (await this.#writer.producers()).get(producerId)
    return known && { producerId, epoch: known.epoch, nextSequences: [known.nextSequence] }
  }

  async append(request: AppendRequest): Promise<AppendResult> {
    const [outcome] = await this.appendAll([request])
    if ('error' in outcome!) throw outcome.error
    return outcome!.result
  }

  async appendAll(requests: readonly AppendRequest[]): Promise<readonly AppendOutcome[]> {
    const [first] = requests
    if (first === undefined) return []
    const { partition, arrivalMs } = first
    invariant(
      requests.every((request) => request.partition === partition),
      'requests that are appended together go to one place',
    )
    return this.#writer.write(async (producers, transaction) => {
      const plan = planAppends(requests, producers)
      const places = this.#placing.place(plan.appends, partition)
      const { topic } = this.spec
      const records = plan.appends.flatMap((decoded, i) => recordMessages(topic, decoded, places[i]!, this.#options))
      const states = [...plan.producers.values()].map((state) => producerStateMessage(topic, state))
      const offsets = await transaction.send([...records, ...states])
      const end = offsets.length === 0 ? (await this.#visibleOffsets(partition ?? 0)).end : 0
      const placed = plan.appends.map((decoded, i) => placedRecords(decoded, places[i]!))
      return {
        answer: plan.outcomes(offsets, end, partition === null ? placed : null),
        onCommitted: () => {
          this.#remember(placed.flat(), records, offsets, arrivalMs)
          for (const [id, state] of plan.producers) producers.set(id, state)
        },
      }
    })
  }

  #remember(
    placed: readonly PlacedRecords[],
    records: readonly KafkaMessage[],
    offsets: readonly number[],
    arrivalMs: number,
  ): void {
    const lastOffsets = new Map(records.map(({ partition }, index) => [partition, offsets[index]!]))
    for (const { partition, maxEventTimeMs } of placed) {
      const { maxEventTime } = this.#appended.get(partition) ?? NOTHING
      this.#appended.set(partition, {
        lastOffset: lastOffsets.get(partition)!,
        arrivalMs,
        maxEventTime: Math.max(maxEventTime, maxEventTimeMs),
      })
    }
  }

  /** Kafka forgets by the settings of the topic. */
  async applyRetention(): Promise<void> {}

  async markIdle(partition: number, eventTimeMs: number): Promise<boolean> {
    return this.#writer.write(async (_, transaction) => {
      // Here, where nothing is appended meanwhile: the mark concerns what comes behind it.
      const { end, maxEventTime } = await this.bounds(partition)
      if (eventTimeMs <= maxEventTime) return { answer: false }
      await transaction.send([markMessage(this.spec.topic, partition, { offset: end, eventTimeMs })])
      return { answer: true }
    })
  }

  async appendRepaired({ partition, letters, batch, nowMs }: RepairedRecords): Promise<ReplayResult> {
    return this.#writer.write(async (_, transaction) => {
      // Here nothing of a predecessor is undecided any more.
      const before = this.#replayed.among(partition, letters, await this.deadLetters(partition))
      const { topic } = this.spec
      const decoded = { received: batch.rows, batch: { ...batch, positions: null }, rejected: [], ambiguousTimes: 0 }
      const [places] = this.#placing.place([decoded], partition)
      const messages = recordMessages(topic, decoded, places!, this.#options)
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

  read(partition: number, fromOffset: number, maxRecords: number): Promise<readonly LoggedBatch[]> {
    return this.#readings.run(async () => {
      await this.#visibleOffsets(partition)
      return this.#reader.read(partition, fromOffset, maxRecords)
    })
  }

  /**
   * Offsets as of now. Greatest event times are those of all records where partitions may be marked idle: then the partition is read through; else those of
   * what was appended here.
   */
  bounds(partition: number): Promise<PartitionBounds> {
    return this.#readings.run(async () => {
      const offsets = await this.#visibleOffsets(partition)
      if (this.#options.idleMarks) await this.#reader.readThrough(partition)
      const bounds = { ...(await this.#reader.bounds(partition)), ...offsets }
      const appended = this.#appended.get(partition)
      if (appended === undefined) return bounds
      return {
        ...bounds,
        maxEventTime: Math.max(bounds.maxEventTime, appended.maxEventTime),
        maxEventTimeReceived: Math.max(bounds.maxEventTimeReceived, appended.maxEventTime),
        lastArrivalMs: Math.max(bounds.lastArrivalMs ?? 0, appended.arrivalMs),
      }
    })
  }

  /**
   * A commit is answered when it is certain, a moment before readers see it: who has appended sees it here at once. Unless somebody else has a transaction open
   * before it, which may be long.
   */
  async #visibleOffsets(partition: number): Promise<{ readonly start: number; readonly end: number }> {
    const { lastOffset } = this.#appended.get(partition) ?? NOTHING
    for (let attempt = 1; ; attempt++) {
      const offsets = await this.#reader.offsets(partition)
      if (offsets.end > lastOffset) this.#held.delete(partition)
      if (offsets.end > lastOffset || this.#held.has(partition)) return offsets
      if (attempt === VISIBLE_ATTEMPTS) this.#held.add(partition)
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
    await this.#writer.close()
    await this.#reader.close()
  }
}
