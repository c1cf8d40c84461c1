import type { DeploymentBoard } from '../deployment-board.ts'
import { CommittedFetch } from './committed-fetch.ts'
import type { KafkaConnection } from './connection.ts'
import { ensureTopics } from './ensure-topics.ts'
import { deploymentTopicOf } from './topic-names.ts'
import { TransactionalProducer } from './transactional-producer.ts'

/** The topic has one partition and one key: compaction leaves the last one. */
const PARTITION = 0
const KEY = Buffer.from('deployment')

/** What is deployed of an app lies on `{app}_deployment`, beside its other topics. */
export class KafkaDeploymentBoard implements DeploymentBoard {
  readonly #connection: KafkaConnection
  readonly #replication: number

  constructor(connection: KafkaConnection, replication: number) {
    this.#connection = connection
    this.#replication = replication
  }

  async latest(app: string): Promise<string | null> {
    const topic = await this.#ensureTopic(app)
    const fetch = await CommittedFetch.open(this.#connection, topic)
    try {
      let latest: string | null = null
      for await (const { value } of fetch.readToEnd(PARTITION, 0)) latest = value?.toString() ?? null
      return latest
    } finally {
      await fetch.close()
    }
  }

  /** Rare, so each opens a producer of its own, which fences what another instance may have begun. */
  async publish(app: string, text: string): Promise<void> {
    const topic = await this.#ensureTopic(app)
    const producer = await TransactionalProducer.open(this.#connection, topic)
    try {
      await producer.run((transaction) =>
        transaction.send([{ topic, partition: PARTITION, key: KEY, value: Buffer.from(text) }]),
      )
    } finally {
      await producer.close()
    }
  }

  async #ensureTopic(app: string): Promise<string> {
    const topic = deploymentTopicOf(app)
    await ensureTopics(this.#connection, [{ topic, partitions: 1, replication: this.#replication, compacted: true }])
    return topic
  }
}
