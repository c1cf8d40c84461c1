import { DAY_MS, zoneRules } from '#foundation/time/zone.ts'
import type { Value } from '#language/schemas/field-types.ts'
import { parsePortalTimestamp } from '#language/schemas/time-text.ts'
import type { Column } from '../../records/record-batch.ts'
import { anySet, grown, releaseFlags } from './column-builder.ts'
import { DayBytes } from './day-bytes.ts'
import { LocalClock } from './local-clock.ts'
import { asciiText, isDigit } from './number-bytes.ts'
import { NumberColumn } from './number-column.ts'

const QUOTE = 34
const COLON = 58
const DATE_LENGTH = 10
const PORTAL_LENGTH = 22
/** Epoch ms with up to this many digits are quick; all of them lie within the years that are possible. */
const EPOCH_DIGITS = 14
const MINUTE_MS = 60_000
const NOT_SURE = Number.NaN

/** Timestamps as epoch ms, and which of them stand for a local time that occurs twice. */
export class TimestampColumn extends NumberColumn<Float64Array> {
  readonly #timeZone: string
  readonly #clock: LocalClock
  readonly #days = new DayBytes()
  /** 1 where the value stands for an ambiguous local time. */
  ambiguous = new Uint8Array(0)
  /** False only when no row of `ambiguous` is set. */
  anyAmbiguous = false
  /** Where the last text ended. */
  #end = 0
  #portal = { text: '', epochMs: Number.NaN, ambiguous: false }

  constructor(timeZone: string) {
    super(new Float64Array(0))
    this.#timeZone = timeZone
    this.#clock = new LocalClock(zoneRules(timeZone))
  }

  readJson(bytes: Uint8Array, view: DataView, position: number, row: number): number {
    if (bytes[position] !== QUOTE) return this.#readEpoch(bytes, position, row)
    const epochMs = this.#readIso(bytes, view, position + 1)
    if (Number.isNaN(epochMs) || bytes[this.#end] !== QUOTE) return -1
    this.set(row, epochMs, this.#clock.ambiguous)
    return this.#end + 1
  }

  readCsv(bytes: Uint8Array, view: DataView, start: number, end: number, row: number): boolean {
    const epochMs = this.#readIso(bytes, view, start)
    if (Number.isNaN(epochMs)) return this.#readEpoch(bytes, start, row) === end
    if (this.#end !== end) return false
    this.set(row, epochMs, this.#clock.ambiguous)
    return true
  }

  /** `04/13/2024 07:48:15 PM`; files in this form repeat their times, so the last one is remembered. */
  readPortalCsv(bytes: Uint8Array, start: number, end: number, row: number): boolean {
    if (end - start !== PORTAL_LENGTH) return false
    const text = asciiText(bytes, start, end)
    if (text !== this.#portal.text) {
      const time = parsePortalTimestamp(text, this.#timeZone)
      if (time.kind !== 'instant') return false
      this.#portal = { text, epochMs: time.epochMs, ambiguous: time.ambiguous }
    }
    this.set(row, this.#portal.epochMs, this.#portal.ambiguous)
    return true
  }

  #readEpoch(bytes: Uint8Array, position: number, row: number): number {
    const negative = bytes[position] === 45
    const start = negative ? position + 1 : position
    let end = start
    let magnitude = 0
    while (isDigit(bytes[end]!)) magnitude = magnitude * 10 + bytes[end++]! - 48
    const digits = end - start
    const digitsMax = negative ? EPOCH_DIGITS - 1 : EPOCH_DIGITS
    if (digits === 0 || digits > digitsMax || (digits > 1 && bytes[start] === 48)) return -1
    this.set(row, negative ? 0 - magnitude : magnitude, false)
    return end
  }

  /** ISO 8601 at `start`; leaves `#end` after it. */
  #readIso(bytes: Uint8Array, view: DataView, start: number): number {
    const separator = bytes[start + DATE_LENGTH]
    if ((separator !== 84 && separator !== 32) || bytes[start + 13] !== COLON) return NOT_SURE
    const days = this.#days.read(bytes, view, start)
    const hour = twoDigits(bytes, start + 11)
    const minute = twoDigits(bytes, start + 14)
    let end = start + 16
    let second = 0
    let ms = 0
    if (bytes[end] === COLON) {
      second = twoDigits(bytes, end + 1)
      end += 3
      if (bytes[end] === 46) {
        const first = ++end
        for (let weight = 100; isDigit(bytes[end]!); weight = weight === 100 ? 10 : weight === 10 ? 1 : 0)
          ms += weight * (bytes[end++]! - 48)
        if (end === first || end - first > 9) return NOT_SURE
      }
    }
    if (!(hour < 24 && minute < 60 && second < 60) || Number.isNaN(days)) return NOT_SURE
    return this.#withOffset(bytes, end, days, hour * 3_600_000 + minute * MINUTE_MS + second * 1000 + ms)
  }

  #withOffset(bytes: Uint8Array, position: number, days: number, timeOfDayMs: number): number {
    const sign = bytes[position]
    this.#clock.ambiguous = false
    this.#end = position
    if (sign === 90) {
      this.#end = position + 1
      return days * DAY_MS + timeOfDayMs
    }
    if (sign !== 43 && sign !== 45) return this.#clock.toUtcMs(days, timeOfDayMs)
    const minuteAt = bytes[position + 3] === COLON ? position + 4 : position + 3
    const hours = twoDigits(bytes, position + 1)
    const minutes = twoDigits(bytes, minuteAt)
    if (!(hours < 24 && minutes < 60)) return NOT_SURE
    this.#end = minuteAt + 2
    const offsetMs = (hours * 60 + minutes) * MINUTE_MS
    return days * DAY_MS + timeOfDayMs + (sign === 45 ? offsetMs : -offsetMs)
  }

  override setNull(row: number): void {
    super.setNull(row)
    this.ambiguous[row] = 0
  }

  override set(row: number, value: Exclude<Value, null>, ambiguous: boolean): void {
    this.keep(row, value as number)
    this.ambiguous[row] = ambiguous ? 1 : 0
    if (ambiguous) this.anyAmbiguous = true
  }

  override clear(row: number): void {
    super.clear(row)
    this.ambiguous[row] = 0
  }

  override reserve(capacity: number): void {
    super.reserve(capacity)
    this.ambiguous = grown(this.ambiguous, capacity)
  }

  borrow(rows: number): Column {
    return { layout: 'float64', values: this.values.subarray(0, rows), nulls: this.borrowNulls(rows) }
  }

  override release(rows: number, staged: number): void {
    super.release(rows, staged)
    if (!this.anyAmbiguous) return
    releaseFlags(this.ambiguous, rows, staged)
    this.anyAmbiguous = anySet(this.ambiguous, staged - rows)
  }
}

/** NaN when these are no two digits. */
function twoDigits(bytes: Uint8Array, position: number): number {
  const tens = bytes[position]! - 48
  const ones = bytes[position + 1]! - 48
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NOT_SURE
}
