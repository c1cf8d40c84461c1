import type { Clock } from '#foundation/time/clock.ts'

/** Says when records are due. It goes by what should have been sent by now, so a sender that was late catches up and none drifts. */
export interface Schedule {
  /** How long until the next record, which has this event time by the input, ms; 0 when it is due. */
  waitMs(eventTimeMs: number): number
  /** The record was taken, and the next one is asked for. */
  taken(): void
}

export const asFastAsPossible: Schedule = { waitMs: () => 0, taken: () => {} }

/** So many records in a second, from the first question on. */
export class FixedRate implements Schedule {
  readonly #clock: Clock
  readonly #intervalMs: number
  #startedMs: number | null = null
  #taken = 0

  constructor(clock: Clock, recordsPerSecond: number) {
    this.#clock = clock
    this.#intervalMs = 1000 / recordsPerSecond
  }

  waitMs(): number {
    const nowMs = this.#clock.monotonicMs()
    this.#startedMs ??= nowMs
    return Math.max(0, this.#startedMs + this.#taken * this.#intervalMs - nowMs)
  }

  taken(): void {
    this.#taken++
  }
}

export interface EventTimePace {
  /** Event time that passes in a second of the clock, in seconds, when it has come to this instant. */
  readonly speedAt: (eventTimeMs: number) => number
  /** A stretch without records is cut short to this, by the clock; Infinity: it is not. */
  readonly longestPauseMs: number
  /** When nobody asked for longer than this, the sender or the machine stood still: event time did too, and nothing is to be caught up. */
  readonly longestStandstillMs: number
}

/** Event time runs, from the first record that is asked for; a record is due when it has come to it. */
export class AsEventTime implements Schedule {
  readonly #clock: Clock
  readonly #pace: EventTimePace
  #eventTimeMs = Number.NEGATIVE_INFINITY
  #askedMs = 0

  constructor(clock: Clock, pace: EventTimePace) {
    this.#clock = clock
    this.#pace = pace
  }

  waitMs(eventTimeMs: number): number {
    if (eventTimeMs === Number.NEGATIVE_INFINITY) return 0
    const nowMs = this.#clock.monotonicMs()
    if (this.#eventTimeMs === Number.NEGATIVE_INFINITY) [this.#eventTimeMs, this.#askedMs] = [eventTimeMs, nowMs]
    const { speedAt, longestPauseMs, longestStandstillMs } = this.#pace
    const speed = speedAt(this.#eventTimeMs)
    this.#eventTimeMs += Math.min(nowMs - this.#askedMs, longestStandstillMs) * speed
    this.#askedMs = nowMs
    this.#eventTimeMs = Math.max(this.#eventTimeMs, eventTimeMs - longestPauseMs * speed)
    return Math.max(0, (eventTimeMs - this.#eventTimeMs) / speed)
  }

  taken(): void {}
}

/** Holds records back until their event time is not in the future. */
export class NotPastNow implements Schedule {
  readonly #clock: Clock
  readonly #schedule: Schedule

  constructor(clock: Clock, schedule: Schedule) {
    this.#clock = clock
    this.#schedule = schedule
  }

  waitMs(eventTimeMs: number): number {
    return Math.max(this.#schedule.waitMs(eventTimeMs), eventTimeMs - this.#clock.nowMs())
  }

  taken(): void {
    this.#schedule.taken()
  }
}
