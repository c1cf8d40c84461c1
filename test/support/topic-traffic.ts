import { CommittedFetch } from '#dataplane/brokers/kafka/committed-fetch.ts'
import { ensureTopics } from '#dataplane/brokers/kafka/ensure-topics.ts'
import { TransactionalProducer } from '#dataplane/brokers/kafka/transactional-producer.ts'
import { randomName } from '#foundation/random/random-id.ts'

/** Records to and from topics of one partition, without a JVM for each call: for tests whose subject is neither. */
export class TopicTraffic {
  readonly #connection: { readonly bootstrapServers: readonly string[] }

  constructor(bootstrapServers: readonly string[]) {
    this.#connection = { bootstrapServers }
  }

  async create(...topics: readonly string[]): Promise<void> {
    await ensureTopics(
      this.#connection,
      topics.map((topic) => ({ topic, partitions: 1, replication: 1 })),
    )
  }

  /** Resolves when they are committed. */
  async produce(topic: string, values: readonly string[]): Promise<void> {
    const producer = await TransactionalProducer.open(this.#connection, `test_${randomName()}`)
    const messages = values.map((value) => ({ topic, partition: 0, key: null, value: Buffer.from(value) }))
    await producer.run((transaction) => transaction.send(messages))
    await producer.close()
  }

  /** The last value of each key. */
  async latest(topic: string): Promise<ReadonlyMap<string, string | null>> {
    const log = await CommittedFetch.open(this.#connection, topic)
    const values = new Map<string, string | null>()
    for await (const { key, value } of log.readToEnd(0, 0))
      values.set(String(key), value === null ? null : String(value))
    await log.close()
    return values
  }
}
