import { parseIsoDate } from '#language/schemas/time-text.ts'
import { asciiText } from './number-bytes.ts'

const NONE = -1

/**
 * Reads `YYYY-MM-DD`. Neighbouring records mostly have the same day, so the bytes are compared with those of the last one,
 * and a day is worked out only when it changes.
 */
export class DayBytes {
  #first = NONE
  #second = NONE
  #third = NONE
  #days = 0

  /** Days since 1970-01-01; NaN when these ten bytes are no date. */
  read(bytes: Uint8Array, view: DataView, position: number): number {
    const first = view.getInt32(position, true)
    const second = view.getInt32(position + 4, true)
    const third = view.getInt16(position + 8, true)
    if (first === this.#first && second === this.#second && third === this.#third) return this.#days
    const days = parseIsoDate(asciiText(bytes, position, position + 10))
    if (days === undefined) return Number.NaN
    this.#first = first
    this.#second = second
    this.#third = third
    return (this.#days = days)
  }
}
