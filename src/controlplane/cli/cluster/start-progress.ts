import type { Clock } from '#foundation/time/clock.ts'
import { every } from '#foundation/time/timers.ts'
import type { ServerProgress } from '#services/cluster/start-server.ts'
import type { Terminal } from '../terminal.ts'

/** Says which servers start, for how long, and which are ready. */
export class StartProgress {
  readonly #terminal: Terminal
  readonly #clock: Clock
  readonly #starting = new Map<string, number>()
  readonly #stopDrawing: () => void

  constructor(terminal: Terminal, clock: Clock) {
    this.#terminal = terminal
    this.#clock = clock
    this.#stopDrawing = every(500, () => this.#draw())
  }

  show({ server, state, seconds }: ServerProgress): void {
    if (state === 'starting') this.#starting.set(server, this.#clock.monotonicMs())
    else this.#starting.delete(server)
    this.#terminal.progress('')
    this.#terminal.note(`${server.padEnd(13)} ${state === 'ready' ? `ready after ${seconds.toFixed(1)} s` : state}\n`)
  }

  /** Ends drawing; more than once does no harm. */
  finish(): void {
    this.#stopDrawing()
    this.#terminal.progress('')
  }

  #draw(): void {
    const nowMs = this.#clock.monotonicMs()
    const waits = [...this.#starting].map(([server, sinceMs]) => `${server} ${Math.round((nowMs - sinceMs) / 1000)} s`)
    if (waits.length > 0) this.#terminal.progress(`waiting for ${waits.join(', ')}`)
  }
}
