import type { Clock } from '#foundation/time/clock.ts'
import { every } from '#foundation/time/timers.ts'
import type { ConnectClient } from './connect-client.ts'
import { type ConnectorFacts, ConnectorWatch, type WatchedConnector } from './connector-watch.ts'

const LOOK_MS = 5000

/** How many records a dead-letter topic has had, and when the newest came (epoch ms). */
export type CountDeadLetters = (topic: string) => Promise<{ readonly count: number; readonly lastMs: number | null }>

/** The connectors of an app: brought to their configuration, and looked at every few seconds. */
export class AppConnectors {
  readonly #watches: readonly ConnectorWatch[]
  readonly #countDeadLetters: CountDeadLetters
  #stop: () => void = () => {}
  #closed = false
  #looking: Promise<void> | null = null

  constructor(
    client: ConnectClient,
    clock: Clock,
    connectors: readonly WatchedConnector[],
    countDeadLetters: CountDeadLetters,
  ) {
    this.#watches = connectors.map((one) => new ConnectorWatch(client, clock, one))
    this.#countDeadLetters = countDeadLetters
  }

  /** @throws MSB_SINK_UNREACHABLE, MSB_SINK_REFUSED, MSB_SINK_OWNED: then no connector is watched */
  async deploy(): Promise<void> {
    for (const watch of this.#watches) if (!this.#closed) await watch.deploy()
    if (!this.#closed) this.#stop = every(LOOK_MS, () => void this.look())
  }

  get facts(): readonly ConnectorFacts[] {
    return this.#watches.map(({ facts }) => facts)
  }

  /** Looks now; a look that is under way is not begun again. Never throws. */
  look(): Promise<void> {
    this.#looking ??= this.#lookAtAll().finally(() => (this.#looking = null))
    return this.#looking
  }

  /** The connectors stay and go on: results still wait on their topics. */
  async close(): Promise<void> {
    this.#closed = true
    this.#stop()
    await this.#looking
  }

  async #lookAtAll(): Promise<void> {
    for (const watch of this.#watches) {
      await watch.look()
      const topic = watch.deadLetterTopic
      if (topic === null) continue
      // What cannot be counted now stays as it was counted last.
      const counted = await this.#countDeadLetters(topic).catch(() => null)
      if (counted !== null) watch.noteDeadLetters(counted.count, counted.lastMs)
    }
  }
}
