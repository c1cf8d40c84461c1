import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { faultPoint } from '#foundation/faults/fault-points.ts'
import { randomId } from '#foundation/random/random-id.ts'
import { OneAtATime } from '#foundation/threads/one-at-a-time.ts'
import type { ProducerState } from '../producer-sequence.ts'
import type { KafkaConnection } from './connection.ts'
import { ownerMessage, readProducers } from './producer-states.ts'
import { type KafkaTransaction, TransactionalProducer } from './transactional-producer.ts'

/** What a transaction comes to. */
export interface Work<T> {
  readonly answer: T
  /** What changes in memory once it is committed. */
  onCommitted?(): void
}

export type Producers = Map<string, ProducerState>

/** What is open for writing; gone after an error, and opened again by the next call. */
interface Opened {
  readonly producer: TransactionalProducer
  readonly producers: Producers
}

const TAKE_OVER_ATTEMPTS = 5

/**
 * The right to write to a stream, and what is known of its producers. After an error it is not known whether a transaction was committed: the next call opens the
 * writer again, which settles it, and reads from the topic how far producers are.
 */
export class StreamWriter {
  readonly #connection: KafkaConnection
  readonly #topic: string
  /** Names this opening, so that it knows itself after an error from an instance that took over. */
  readonly #owner = randomId()
  readonly #calls = new OneAtATime()
  #opened: Opened | null = null
  /** Another instance owns the stream. */
  #fenced: MysimbdpError | null = null

  private constructor(connection: KafkaConnection, topic: string) {
    this.#connection = connection
    this.#topic = topic
  }

  /** Takes the stream over from whoever wrote to it before. */
  static async open(connection: KafkaConnection, topic: string): Promise<StreamWriter> {
    const writer = new StreamWriter(connection, topic)
    await writer.#calls.run(() => writer.#takeOver())
    return writer
  }

  /** One transaction, after those that were asked for before. */
  write<T>(work: (producers: Producers, transaction: KafkaTransaction) => Promise<Work<T>>): Promise<T> {
    return this.#calls.run(async () => {
      const { producer, producers } = await this.#open()
      try {
        const { answer, onCommitted } = await producer.run(async (transaction) => {
          const done = await work(producers, transaction)
          faultPoint('ingest.transaction-sent')
          return done
        })
        faultPoint('ingest.transaction-committed')
        onCommitted?.()
        return answer
      } catch (error) {
        this.#opened = null
        await producer.close()
        if (error instanceof MysimbdpError && error.code === 'MSB_KAFKA_FENCED') await this.#requireOwnership(error)
        throw error
      }
    })
  }

  /** As they are after what was written before. */
  async producers(): Promise<ReadonlyMap<string, ProducerState>> {
    return (await this.#calls.run(() => this.#open())).producers
  }

  async close(): Promise<void> {
    await this.#calls.run(async () => {
      await this.#opened?.producer.close()
      this.#opened = null
    })
  }

  /** The coordinator fences a writer also when its transaction took too long; then the topic still names this opening as owner. */
  async #requireOwnership(error: MysimbdpError): Promise<void> {
    const { owner } = await readProducers(this.#connection, this.#topic)
    if (owner !== this.#owner) {
      this.#fenced = error
      return
    }
    throw new MysimbdpError('MSB_KAFKA_FAILED', `a transaction of '${this.#topic}' took too long, and was ended`, {
      cause: error,
    })
  }

  /** Of the first opening: whoever owned the stream may have gone on for a moment, not knowing yet. */
  async #takeOver(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        this.#opened = await this.#openAs()
        return
      } catch (error) {
        const isFenced = error instanceof MysimbdpError && error.code === 'MSB_KAFKA_FENCED'
        if (!isFenced || attempt === TAKE_OVER_ATTEMPTS) throw error
      }
    }
  }

  async #open(): Promise<Opened> {
    if (this.#fenced !== null) throw this.#fenced
    this.#opened ??= await this.#openAs(this.#owner)
    return this.#opened
  }

  /** @param owner who has to own the stream, if it is not to be taken over */
  async #openAs(owner?: string): Promise<Opened> {
    const producer = await TransactionalProducer.open(this.#connection, `mysimbdp-ingest-${this.#topic}`)
    try {
      const known = await readProducers(this.#connection, this.#topic)
      if (owner !== undefined && known.owner !== owner) {
        const message = `another instance has taken over the writing of '${this.#topic}'`
        this.#fenced = new MysimbdpError('MSB_KAFKA_FENCED', message)
        throw this.#fenced
      }
      await producer.run((transaction) => transaction.send([ownerMessage(this.#topic, this.#owner)]))
      return { producer, producers: known.states }
    } catch (error) {
      await producer.close()
      throw error
    }
  }
}
