import { Admin } from '@platformatic/kafka'
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
  async produce(topic: string, values: readonly (string | Uint8Array)[]): Promise<void> {
    const producer = await TransactionalProducer.open(this.#connection, `test_${randomName()}`)
    const messages = values.map((value) => ({
      topic,
      partition: 0,
      key: null,
      value: Buffer.from(value as Uint8Array),
    }))
    await producer.run((transaction) => transaction.send(messages))
    await producer.close()
  }

  /** The last value of each key. */
  async latest(topic: string): Promise<ReadonlyMap<string, string | null>> {
    return new Map(await this.messages(topic))
  }

  /** All that is committed, in its order. */
  async messages(topic: string): Promise<readonly (readonly [key: string, value: string | null])[]> {
    const log = await CommittedFetch.open(this.#connection, topic)
    const messages: [string, string | null][] = []
    for await (const { key, value } of log.readToEnd(0, 0))
      messages.push([String(key), value === null ? null : String(value)])
    await log.close()
    return messages
  }

  /** Names of topics that begin so. */
  async topics(prefix: string): Promise<readonly string[]> {
    const admin = new Admin({ clientId: 'test', bootstrapBrokers: [...this.#connection.bootstrapServers] })
    const topics = await admin.listTopics()
    await admin.close()
    return topics.filter((topic) => topic.startsWith(prefix)).sort()
  }

  /** A promise that resolves when something is written to one of these topics, of one partition, from now on. */
  async growthOf(topics: readonly string[]): Promise<{ readonly happened: Promise<void> }> {
    const logs = await Promise.all(topics.map((topic) => CommittedFetch.open(this.#connection, topic)))
    const ends = await Promise.all(logs.map(async (log) => (await log.offsets(0)).end))
    let isOver = false
    const growths = logs.map(async (log, index) => {
      const fromOffset = ends[index]!
      const question = { partition: 0, fromOffset, maxBytes: 1, maxWaitMs: 500 }
      while (!isOver && (await log.fetch(question)).nextOffset <= fromOffset);
    })
    const happened = Promise.race(growths).finally(() => (isOver = true))
    void Promise.allSettled(growths).then(() => Promise.all(logs.map((log) => log.close())))
    return { happened }
  }
}
