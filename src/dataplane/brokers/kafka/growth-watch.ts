import { delay } from '#foundation/time/timers.ts'
import { CommittedFetch } from './committed-fetch.ts'
import type { KafkaConnection } from './connection.ts'

/** How long the broker holds a question to which there is no news. */
const QUESTION_MS = 1000
/** After an answer that was an error: who reads meets it too, and says so. */
const PAUSE_AFTER_ERROR_MS = 500
/** The broker gives a whole batch all the same, which is thrown away: what matters is that there is one. */
const ANSWER_BYTES = 1

/** Asks a broker whether a partition has grown, with a question that it answers when it has. A client of its own: a question that is held would keep readings waiting. */
export class GrowthWatch {
  readonly #connection: KafkaConnection
  readonly #topic: string
  readonly #partition: number
  readonly #onGrown: () => void
  readonly #stopping = new AbortController()
  readonly #watching: Promise<void>

  constructor(connection: KafkaConnection, topic: string, partition: number, onGrown: () => void) {
    this.#connection = connection
    this.#topic = topic
    this.#partition = partition
    this.#onGrown = onGrown
    this.#watching = this.#watch()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#watching
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
      const partition = this.#partition
      let { end } = await log.offsets(partition)
      this.#onGrown()
      while (!this.#stopped) {
        const answer = await log.fetch({
          partition,
          fromOffset: end,
          maxBytes: ANSWER_BYTES,
          maxWaitMs: QUESTION_MS,
        })
        if (answer.nextOffset <= end) continue
        end = Math.max(answer.nextOffset, answer.lastStableOffset)
        this.#onGrown()
      }
    } finally {
      await log.close()
    }
  }
}
