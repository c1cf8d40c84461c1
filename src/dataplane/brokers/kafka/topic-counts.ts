import { CommittedFetch } from './committed-fetch.ts'
import type { KafkaConnection } from './connection.ts'

/** How many records topics of one partition have had, and when the newest came. */
export class TopicCounts {
  readonly #connection: KafkaConnection
  readonly #topics = new Map<string, CommittedFetch>()

  constructor(connection: KafkaConnection) {
    this.#connection = connection
  }

  /** `lastMs` is epoch ms; null for an empty topic. @throws MSB_KAFKA_TOPIC_NOT_FOUND, MSB_KAFKA_UNREACHABLE */
  async of(topic: string): Promise<{ readonly count: number; readonly lastMs: number | null }> {
    const log = this.#topics.get(topic) ?? (await CommittedFetch.open(this.#connection, topic))
    this.#topics.set(topic, log)
    const { end } = await log.offsets(0)
    let lastMs: number | null = null
    for await (const { timestampMs } of log.readToEnd(0, end - 1)) lastMs = timestampMs
    return { count: end, lastMs }
  }

  async close(): Promise<void> {
    for (const log of this.#topics.values()) await log.close()
  }
}
