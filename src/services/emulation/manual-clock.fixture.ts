import type { Clock } from '#foundation/time/clock.ts'

/** A clock that goes when it is told. */
export class ManualClock implements Clock {
  #monotonicMs = 0
  #nowMs: number

  constructor(nowMs = Date.parse('2024-04-13T12:00:00Z')) {
    this.#nowMs = nowMs
  }

  nowMs(): number {
    return this.#nowMs
  }

  monotonicMs(): number {
    return this.#monotonicMs
  }

  pass(ms: number): void {
    this.#monotonicMs += ms
    this.#nowMs += ms
  }
}
