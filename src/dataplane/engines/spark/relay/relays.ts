import type { RelayedResults } from '../../relayed-results.ts'
import { type ComputedLog, type RelayedRows, ResultRelay } from './result-relay.ts'

/** The topics that Spark writes to, one for each checkpoint: rows of one computation are never taken for those of another. */
export interface ComputedTopics {
  topicOf(app: string, query: string, checkpoint: string): string
  /** Creates what is missing: Spark creates no topics. */
  ensure(topics: readonly string[]): Promise<void>
  /** Deletes those that are there. @throws MSB_KAFKA_UNREACHABLE, MSB_KAFKA_DENIED, MSB_KAFKA_FAILED */
  remove(topics: readonly string[]): Promise<void>
  open(topic: string): Promise<ComputedLog>
  /** Calls `onGrown` when there is something new, until it is stopped. */
  watch(topic: string, onGrown: () => void): { stop(): Promise<void> }
}

/** The relays of the queries of a job. */
export class Relays {
  readonly #relays: ReadonlyMap<string, ResultRelay>
  readonly #watches: readonly { stop(): Promise<void> }[]

  private constructor(relays: ReadonlyMap<string, ResultRelay>, watches: readonly { stop(): Promise<void> }[]) {
    this.#relays = relays
    this.#watches = watches
  }

  /**
   * @param topicByQuery the topic of each query, which must exist
   * @param onGrown called when there is something to take. Must not throw
   */
  static async open(
    topicByQuery: ReadonlyMap<string, string>,
    topics: ComputedTopics,
    results: RelayedResults,
    onGrown: () => void,
  ): Promise<Relays> {
    const known = new Map(results.queries().map(({ query, readTo }) => [query, readTo]))
    const relays = new Map<string, ResultRelay>()
    try {
      for (const [query, topic] of topicByQuery)
        relays.set(query, new ResultRelay(query, await topics.open(topic), results, known.get(query) ?? null))
    } catch (error) {
      for (const relay of relays.values()) await relay.close()
      throw error
    }
    return new Relays(
      relays,
      [...topicByQuery.values()].map((topic) => topics.watch(topic, onGrown)),
    )
  }

  of(query: string): ResultRelay {
    return this.#relays.get(query)!
  }

  get areAtEnd(): boolean {
    return [...this.#relays.values()].every(({ isAtEnd }) => isAtEnd)
  }

  /** What is new, by query; to be committed before the next call, or never. */
  async take(): Promise<ReadonlyMap<string, RelayedRows>> {
    const pieces = await Promise.all(
      [...this.#relays].map(async ([query, relay]) => [query, await relay.take()] as const),
    )
    return new Map(pieces.flatMap(([query, rows]) => (rows === null ? [] : [[query, rows]])))
  }

  async close(): Promise<void> {
    await Promise.all(this.#watches.map((watch) => watch.stop()))
    for (const relay of this.#relays.values()) await relay.close()
  }
}
