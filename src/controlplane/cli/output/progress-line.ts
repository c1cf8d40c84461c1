import type { Clock } from '#foundation/time/clock.ts'
import type { RunProgress } from '#services/runs/bounded-run.ts'
import type { Terminal } from '../terminal.ts'

const REDRAW_MS = 100
const BAR_CELLS = 20

/** One line that says how far a run is: records, rate, rejected, time to go. */
export class ProgressLine {
  readonly #terminal: Terminal
  readonly #clock: Clock
  readonly #startedMs: number
  #drawnMs = Number.NEGATIVE_INFINITY

  constructor(terminal: Terminal, clock: Clock) {
    this.#terminal = terminal
    this.#clock = clock
    this.#startedMs = clock.monotonicMs()
  }

  show({ source, records, rejected }: RunProgress): void {
    const nowMs = this.#clock.monotonicMs()
    if (!this.#terminal.interactive || nowMs - this.#drawnMs < REDRAW_MS) return
    this.#drawnMs = nowMs
    const elapsedSeconds = (nowMs - this.#startedMs) / 1000
    const done = source.progress
    const filled = Math.round(done * BAR_CELLS)
    const bar = `${'█'.repeat(filled)}${'░'.repeat(BAR_CELLS - filled)}`
    const remaining = done > 0 ? (elapsedSeconds * (1 - done)) / done : 0
    const parts = [
      `${Math.round(done * 100)} %`,
      `${count(records)} records`,
      `${count(Math.round(records / elapsedSeconds))}/s`,
      `${count(rejected)} rejected`,
      `${remaining.toFixed(0)} s left`,
    ]
    this.#terminal.progress(`${bar}  ${parts.join(' · ')}`)
  }

  /** Clears the line; answers the seconds since the start. */
  finish(): number {
    this.#terminal.progress('')
    return (this.#clock.monotonicMs() - this.#startedMs) / 1000
  }
}

/** `1 record was`, `2,000 records were` */
export const plural = (value: number, one: string, many: string): string =>
  `${count(value)} ${value === 1 ? one : many}`

export const count = (value: number): string => value.toLocaleString('en-US')
