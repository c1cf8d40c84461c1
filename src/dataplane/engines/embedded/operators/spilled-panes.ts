import type { SpilledGroup, SpilledState, StoreName } from '../state/spilled-state.ts'

/** The spilled panes of one pane store. Where they begin is remembered, so that nothing on the disk is asked as long as nothing was spilled. */
export class SpilledPanes {
  readonly #state: SpilledState
  readonly #store: StoreName
  /** Infinity when there are none. */
  #firstStart = Number.POSITIVE_INFINITY
  #lastStart = Number.NEGATIVE_INFINITY

  /** Groups written since this was made. */
  written = 0

  constructor(state: SpilledState, store: StoreName) {
    this.#state = state
    this.#store = store
  }

  /** Start of the first pane; Infinity when there is none. */
  get firstStart(): number {
    return this.#firstStart
  }

  /** After a restart: what was spilled before it. */
  restore(): void {
    this.#firstStart = this.#state.nextStart(this.#store, Number.MIN_SAFE_INTEGER) ?? Number.POSITIVE_INFINITY
    this.#lastStart = this.#state.lastStart(this.#store) ?? Number.NEGATIVE_INFINITY
  }

  has(start: number): boolean {
    if (start < this.#firstStart || start > this.#lastStart) return false
    return this.#state.nextStart(this.#store, start - 1) === start
  }

  /** Starts in [fromMs, toMs), ascending. */
  *startsIn(fromMs: number, toMs: number): Iterable<number> {
    if (toMs <= this.#firstStart || fromMs > this.#lastStart) return
    let start = this.#nextFrom(Math.max(fromMs, this.#firstStart))
    while (start < toMs) {
      yield start
      start = this.#nextFrom(start + 1)
    }
  }

  #nextFrom(ms: number): number {
    return ms > this.#lastStart
      ? Number.POSITIVE_INFINITY
      : (this.#state.nextStart(this.#store, ms - 1) ?? Number.POSITIVE_INFINITY)
  }

  find(paneStart: number, key: string): Uint8Array | undefined {
    return this.#state.find(this.#store, paneStart, key)
  }

  put(paneStart: number, group: SpilledGroup): void {
    this.#state.put(this.#store, paneStart, group)
    this.written++
    this.#firstStart = Math.min(this.#firstStart, paneStart)
    this.#lastStart = Math.max(this.#lastStart, paneStart)
  }

  /** Forgets the first panes, as long as `closed` says so. */
  dropWhile(closed: (start: number) => boolean): void {
    let last: number | null = null
    for (const start of this.startsIn(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)) {
      if (!closed(start)) break
      last = start
    }
    if (last === null) return
    this.#state.dropUpTo(this.#store, last)
    this.#firstStart = this.#nextFrom(last + 1)
    if (this.#firstStart === Number.POSITIVE_INFINITY) this.#lastStart = Number.NEGATIVE_INFINITY
  }
}
