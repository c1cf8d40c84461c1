import { type FieldType, LONG_MAX, type Value } from '#language/schemas/field-types.ts'
import type { Column } from '../../records/record-batch.ts'
import { readNumber } from '../values/read-number.ts'
import { grown } from './column-builder.ts'
import { asciiText, isDigit, skipNumber } from './number-bytes.ts'
import { NumberColumn } from './number-column.ts'

/** Digits that are always exact in a double. */
const DIGITS_EXACT = 15
const LONG_DIGITS = String(LONG_MAX).length

/**
 * long and decimal: unscaled whole numbers in doubles. A value beyond 2^53 - 1 is NaN there and stands in `#wide`, which
 * exists once such a value was seen.
 */
export class ExactColumn extends NumberColumn<Float64Array> {
  readonly #type: FieldType
  readonly scale: number
  /** Whole numbers with more digits take the exact but slower way. */
  readonly quickWholeDigits: number
  readonly #powers: Float64Array
  readonly #mayBeWide: boolean
  #wide: BigInt64Array | null = null

  constructor(type: FieldType) {
    super(new Float64Array(0))
    const precision = type.kind === 'decimal' ? type.precision : LONG_DIGITS
    this.#type = type
    this.scale = type.kind === 'decimal' ? type.scale : 0
    this.#mayBeWide = precision > DIGITS_EXACT
    this.quickWholeDigits = Math.min(precision, DIGITS_EXACT) - this.scale
    this.#powers = Float64Array.from({ length: this.scale + 1 }, (_, exponent) => 10 ** exponent)
  }

  readJson(bytes: Uint8Array, _view: DataView, position: number, row: number): number {
    const negative = bytes[position] === 45
    const start = negative ? position + 1 : position
    let end = start
    let unscaled = 0
    while (isDigit(bytes[end]!)) unscaled = unscaled * 10 + bytes[end++]! - 48
    const digits = end - start
    if (digits === 0 || (digits > 1 && bytes[start] === 48)) return -1
    if ((unscaled === 0 ? 0 : digits) > this.quickWholeDigits)
      return this.#mayBeWide ? this.#readWide(bytes, position, row) : -1
    let room = this.scale
    if (bytes[end] === 46) {
      const point = end++
      for (let digit = bytes[end]! - 48; digit >= 0 && digit <= 9; digit = bytes[++end]! - 48) {
        if (room > 0) {
          unscaled = unscaled * 10 + digit
          room--
        } else if (digit !== 0) return -1
      }
      if (end === point + 1) return -1
    }
    unscaled *= this.#powers[room]!
    this.keep(row, negative ? 0 - unscaled : unscaled)
    return end
  }

  #readWide(bytes: Uint8Array, position: number, row: number): number {
    const end = skipNumber(bytes, position)
    if (end < 0) return -1
    const reading = readNumber(asciiText(bytes, position, end), this.#type)
    if (reading.fault !== null) return -1
    this.set(row, reading.value)
    return end
  }

  readCsv(bytes: Uint8Array, view: DataView, start: number, end: number, row: number): boolean {
    return this.readJson(bytes, view, start, row) === end
  }

  override set(row: number, value: Exclude<Value, null>): void {
    const narrow = Number(value)
    const fits = Number.isSafeInteger(narrow)
    this.keep(row, fits ? narrow : Number.NaN)
    if (fits) return
    this.#wide ??= new BigInt64Array(this.values.length)
    this.#wide[row] = value as bigint
  }

  override reserve(capacity: number): void {
    super.reserve(capacity)
    if (this.#wide !== null) this.#wide = grown(this.#wide, capacity)
  }

  borrow(rows: number): Column {
    const values = this.values.subarray(0, rows)
    const nulls = this.borrowNulls(rows)
    if (this.#wide === null || !values.some(Number.isNaN)) return { layout: 'float64', values, nulls }
    const wide = this.#wide.subarray(0, rows)
    values.forEach((value, row) => {
      if (!Number.isNaN(value)) wide[row] = BigInt(value)
    })
    return { layout: 'bigint64', values: wide, nulls }
  }

  override release(rows: number, staged: number): void {
    super.release(rows, staged)
    this.#wide?.copyWithin(0, rows, staged)
  }
}
