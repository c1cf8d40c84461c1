import { CommittedFetch } from './committed-fetch.ts'
import type { KafkaConnection } from './connection.ts'

/** A record of a topic with its headers by name. */
export interface HeadedRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly timestampMs: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: ReadonlyMap<string, Uint8Array>
}

/** How many records topics of one partition have had, when the newest came, and what they are. */
export class TopicCounts {
  readonly #connection: KafkaConnection
  readonly #topics = new Map<string, CommittedFetch>()

  constructor(connection: KafkaConnection) {
    this.#connection = connection
  }

  /** `lastMs` is epoch ms; null for an empty topic. @throws MSB_KAFKA_TOPIC_NOT_FOUND, MSB_KAFKA_UNREACHABLE */
  async of(topic: string): Promise<{ readonly count: number; readonly lastMs: number | null }> {
    const log = await this.#open(topic)
    const { end } = await log.offsets(0)
    let lastMs: number | null = null
    for await (const { timestampMs } of log.readToEnd(0, end - 1)) lastMs = timestampMs
    return { count: end, lastMs }
  }

  /** At most `limit` records from an offset on. Throws as `of`. */
  async records(topic: string, fromOffset: number, limit: number): Promise<readonly HeadedRecord[]> {
    const log = await this.#open(topic)
    const records: HeadedRecord[] = []
    for await (const { offset, timestampMs, key, value, headers: given } of log.readToEnd(0, fromOffset)) {
      if (records.length === limit) break
      const headers = given.flatMap(([name, content]) =>
        name === null || content === null ? [] : [[name.toString(), content] as const],
      )
      records.push({ topic, partition: 0, offset, timestampMs, key, value, headers: new Map(headers) })
    }
    return records
  }

  async #open(topic: string): Promise<CommittedFetch> {
    const log = this.#topics.get(topic) ?? (await CommittedFetch.open(this.#connection, topic))
    this.#topics.set(topic, log)
    return log
  }

  async close(): Promise<void> {
    for (const log of this.#topics.values()) await log.close()
  }
}
