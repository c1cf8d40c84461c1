import type { Clock } from '#foundation/time/clock.ts'
import { within } from '#foundation/time/timers.ts'
import type { JobState, ThreadReport } from '../live/thread-report.ts'
import type { ThreadFacts } from './facts.ts'

/** Of ingest, or of a job. */
type Report = Omit<ThreadReport, 'state'> & { readonly state: JobState }

/** Asks a thread for its figures, one question at a time, and remembers what it answered and how it has been. */
export class ThreadWatch<F> {
  readonly #clock: Clock
  readonly #ask: () => Promise<F>
  #figures: F | null = null
  #asking: Promise<void> | null = null
  #askedAt = 0
  #state: JobState | null = null
  #stateSinceMs = 0
  #restarts = 0
  /** When it was started again, monotonic ms. */
  #restartedAt: number[] = []

  constructor(clock: Clock, ask: () => Promise<F>) {
    this.#clock = clock
    this.#ask = ask
  }

  /** The last answer; null when there was none. A thread that does not run keeps what it last said. */
  get figures(): F | null {
    return this.#figures
  }

  /** Waits for a new answer as long as `deadlineMs`; what comes later is there the next time. */
  async look({ state, restarts }: Report, deadlineMs: number): Promise<void> {
    this.#follow(state, restarts)
    if (state === 'running' && this.#asking === null) this.#begin()
    if (this.#asking !== null) await within(this.#asking, deadlineMs)
  }

  facts({ state, error, lastError, restarts }: Report, restartsMs: number): ThreadFacts {
    this.#follow(state, restarts)
    const now = this.#clock.monotonicMs()
    return {
      state,
      stateSinceMs: this.#stateSinceMs,
      error,
      lastError,
      restarts,
      recentRestarts: this.#restartedAt.filter((at) => at > now - restartsMs).length,
      silentMs: this.#asking === null || state !== 'running' ? 0 : now - this.#askedAt,
    }
  }

  #begin(): void {
    this.#askedAt = this.#clock.monotonicMs()
    this.#asking = this.#ask()
      .then((figures) => {
        this.#figures = figures
      })
      // It has ended meanwhile: its state says so.
      .catch(() => {})
      .finally(() => {
        this.#asking = null
      })
  }

  #follow(state: JobState, restarts: number): void {
    if (state !== this.#state) {
      this.#state = state
      this.#stateSinceMs = this.#clock.nowMs()
    }
    for (let more = restarts - this.#restarts; more > 0; more--) this.#restartedAt.push(this.#clock.monotonicMs())
    // Started by hand it counts anew.
    this.#restarts = restarts
    this.#restartedAt = this.#restartedAt.slice(-RESTARTS_KEPT)
  }
}

const RESTARTS_KEPT = 100
