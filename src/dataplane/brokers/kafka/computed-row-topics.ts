import type { AppPlan } from '#language/plan/plan.ts'
import { streamTopicOf } from '#language/plan/topic-names.ts'
import { CommittedFetch } from './committed-fetch.ts'
import type { KafkaConnection } from './connection.ts'
import { ensureTopics } from './ensure-topics.ts'
import { GrowthWatch } from './growth-watch.ts'
import { removeTopics } from './remove-topics.ts'
import { computedRowsTopicOf, deadLettersTopicOf } from './topic-names.ts'

/** The topics of an app for an engine that reads and writes them by itself: its rows, by key, are no results yet. */
export class ComputedRowTopics {
  readonly #connection: KafkaConnection & { readonly replication: number }

  constructor(connection: KafkaConnection & { readonly replication: number }) {
    this.#connection = connection
  }

  get bootstrapServers(): readonly string[] {
    return this.#connection.bootstrapServers
  }

  inputTopic({ name }: AppPlan, stream: string): string {
    return streamTopicOf(name, stream)
  }

  deadLettersTopic(plan: AppPlan, stream: string): string {
    return deadLettersTopicOf(this.inputTopic(plan, stream))
  }

  topicOf(app: string, query: string, computation: string): string {
    return computedRowsTopicOf(app, query, computation)
  }

  /** Of one partition: who reads them takes rows in the order in which they were written. Of a key only the last row matters. */
  async ensure(topics: readonly string[]): Promise<void> {
    const { replication } = this.#connection
    const settings = topics.map((topic) => ({ topic, partitions: 1, replication, compacted: true }))
    await ensureTopics(this.#connection, settings)
  }

  remove(topics: readonly string[]): Promise<void> {
    return removeTopics(this.#connection, topics)
  }

  open(topic: string): Promise<CommittedFetch> {
    return CommittedFetch.open(this.#connection, topic)
  }

  watch(topic: string, onGrown: () => void): GrowthWatch {
    return new GrowthWatch(this.#connection, topic, 0, onGrown)
  }
}
