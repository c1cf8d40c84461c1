import type { MessageToProduce, Producer } from '@platformatic/kafka'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { createTransactionalClient, type KafkaConnection } from './connection.ts'
import { asKafka, isOfKafka, kafkaError } from './kafka-error.ts'

export interface KafkaMessage {
  readonly topic: string
  readonly partition: number
  readonly key: Buffer | null
  /** Null deletes the key of a compacted topic. */
  readonly value: Buffer | null
  readonly headers?: ReadonlyMap<Buffer, Buffer>
}

/** What one transaction may hold. */
export interface KafkaTransaction {
  /** Answers the offset of each message. */
  send(messages: readonly KafkaMessage[]): Promise<readonly number[]>
}

type BatchPlace = { readonly topic: string; readonly partition: number; readonly offset: bigint }
type Transaction = Awaited<ReturnType<Producer['beginTransaction']>>

/** A request holds one batch for each partition, and a topic takes a batch of 1 MiB unless it says otherwise. */
const REQUEST_BYTES_MAX = 900 * 1024
/** What a record takes beside key and value, about. */
const RECORD_OVERHEAD_BYTES = 32

/**
 * Everything that is sent within `run` is there as a whole or not at all. An instance that has met an error is done with: what became of its last
 * transaction is decided by opening the next one. Transactions run one after the other.
 */
export class TransactionalProducer {
  readonly #transactionalId: string
  readonly #client: Producer
  /** Why this instance is done with. */
  #failure: MysimbdpError | null = null

  private constructor(connection: KafkaConnection, transactionalId: string) {
    this.#transactionalId = transactionalId
    this.#client = createTransactionalClient(connection, transactionalId)
  }

  /**
   * Fences every older instance with this id, and waits until what it left is committed or aborted: who reads state reads it after this.
   * @throws MSB_KAFKA_UNREACHABLE, MSB_KAFKA_DENIED, MSB_KAFKA_FAILED
   */
  static async open(connection: KafkaConnection, transactionalId: string): Promise<TransactionalProducer> {
    const producer = new TransactionalProducer(connection, transactionalId)
    try {
      // The package asks for the producer's id and epoch here. Cancelled on this side only: the broker refuses to end a transaction that is empty.
      const empty = await asKafka(`opening producer '${transactionalId}'`, () => producer.#client.beginTransaction())
      await empty.cancel()
      return producer
    } catch (error) {
      await producer.close()
      throw error
    }
  }

  /**
   * Runs `work` and commits what it sent; a transaction in which nothing was sent costs nothing.
   * @throws what `work` throws; MSB_KAFKA_FENCED when another instance took over; after any error this instance refuses to go on
   */
  async run<T>(work: (transaction: KafkaTransaction) => Promise<T>): Promise<T> {
    if (this.#failure !== null) throw this.#failure
    try {
      return await this.#run(work)
    } catch (error) {
      const failure = kafkaError(error, `a transaction of '${this.#transactionalId}'`)
      this.#failure = failure
      throw isOfKafka(error) ? failure : error
    }
  }

  async #run<T>(work: (transaction: KafkaTransaction) => Promise<T>): Promise<T> {
    const transaction = await this.#client.beginTransaction()
    let isEmpty = true
    const onSending = (): void => {
      isEmpty = false
    }
    try {
      const answer = await work(this.#within(transaction, onSending))
      await (isEmpty ? transaction.cancel() : transaction.commit())
      return answer
    } catch (error) {
      // Saves readers the wait for the coordinator's timeout. It may fail for the reason that brought us here.
      if (!isEmpty && !transaction.completed) await transaction.abort().catch(() => {})
      throw error
    }
  }

  #within(transaction: Transaction, onSending: () => void): KafkaTransaction {
    return {
      send: async (messages) => {
        const offsets: number[] = []
        for (const request of requestsOf(messages)) {
          onSending()
          const { offsets: places = [] } = await transaction.send({ messages: request })
          addOffsetsOf(request, places, offsets)
        }
        return offsets
      },
    }
  }

  async close(): Promise<void> {
    this.#failure ??= new MysimbdpError('MSB_NOT_RUNNING', `producer '${this.#transactionalId}' is closed`)
    await this.#client.close().catch(() => {})
  }
}

/** In their order, cut so that no batch is larger than a topic takes. */
function* requestsOf(messages: readonly KafkaMessage[]): Generator<MessageToProduce<Buffer, Buffer>[]> {
  let request: MessageToProduce<Buffer, Buffer>[] = []
  let bytes = 0
  for (const message of messages) {
    const size = sizeOf(message)
    if (request.length > 0 && bytes + size > REQUEST_BYTES_MAX) {
      yield request
      request = []
      bytes = 0
    }
    request.push(toProduce(message))
    bytes += size
  }
  if (request.length > 0) yield request
}

function sizeOf({ key, value, headers = new Map() }: KafkaMessage): number {
  let size = RECORD_OVERHEAD_BYTES + (key?.length ?? 0) + (value?.length ?? 0)
  for (const [name, content] of headers) size += name.length + content.length
  return size
}

/** Only what is set. */
const toProduce = ({ topic, partition, key, value, headers }: KafkaMessage): MessageToProduce<Buffer, Buffer> => ({
  topic,
  partition,
  ...(key === null ? {} : { key }),
  ...(value === null ? {} : { value }),
  ...(headers === undefined ? {} : { headers: new Map(headers) }),
})

/** @param places offset of the first message of each partition; those behind it follow without a gap */
function addOffsetsOf(request: readonly MessageToProduce[], places: readonly BatchPlace[], offsets: number[]): void {
  const next = new Map(places.map(({ topic, partition, offset }) => [`${topic}:${partition}`, Number(offset)]))
  for (const { topic, partition } of request) {
    const place = `${topic}:${partition}`
    const offset = next.get(place)!
    next.set(place, offset + 1)
    offsets.push(offset)
  }
}
