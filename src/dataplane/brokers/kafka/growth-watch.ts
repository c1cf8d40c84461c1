import { delay } from '#foundation/time/timers.ts'
import { CommittedFetch } from './committed-fetch.ts'
import type { KafkaConnection } from './connection.ts'

/** How long the broker holds a question to which there is no news. */
const QUESTION_MS = 1000
/** After an answer that was an error: who reads meets it too, and says so. */
const PAUSE_AFTER_ERROR_MS = 500
/** The broker gives a whole batch all the same, which is thrown away: what matters is that there is one. */
const ANSWER_BYTES = 1

/**
 * Asks a broker whether a partition has grown, with a question that it answers when it has. A client of its own: a question that is held would keep readings
 * waiting. It asks only behind what was read: whoever still has something to read need not be told that there is more, and each answer costs both sides a fetch.
 */
export class GrowthWatch {
  readonly partition: number
  readonly #connection: KafkaConnection
  readonly #topic: string
  readonly #onGrown: () => void
  readonly #stopping = new AbortController()
  readonly #watching: Promise<void>
  /** Where a reader found nothing more, once it has. */
  #endFound = Promise.withResolvers<number>()

  constructor(connection: KafkaConnection, topic: string, partition: number, onGrown: () => void) {
    this.#connection = connection
    this.#topic = topic
    this.partition = partition
    this.#onGrown = onGrown
    this.#watching = this.#watch()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#endFound.resolve(-1)
    await this.#watching
  }

  /** Somebody has read up to this offset, and there was nothing behind it: from now on it matters whether there is. */
  endReached(offset: number): void {
    this.#endFound.resolve(offset)
  }

  get #stopped(): boolean {
    return this.#stopping.signal.aborted
  }

  async #watch(): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.#follow()
      } catch {
        await delay(PAUSE_AFTER_ERROR_MS, this.#stopping.signal)
        // Something may have come meanwhile; and whoever reads now finds out what is wrong.
        if (!this.#stopped) this.#onGrown()
      }
    }
  }

  async #follow(): Promise<void> {
    const log = await CommittedFetch.open(this.#connection, this.#topic)
    try {
      while (!this.#stopped) {
        this.#endFound = Promise.withResolvers<number>()
        this.#onGrown()
        await this.#growth(log, await this.#endFound.promise)
      }
    } finally {
      await log.close()
    }
  }

  async #growth(log: CommittedFetch, fromOffset: number): Promise<void> {
    const question = { partition: this.partition, fromOffset, maxBytes: ANSWER_BYTES, maxWaitMs: QUESTION_MS }
    while (!this.#stopped && (await log.fetch(question)).nextOffset <= fromOffset);
  }
}
