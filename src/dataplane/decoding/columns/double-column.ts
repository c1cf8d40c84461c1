import type { Column } from '../../records/record-batch.ts'
import { nearestFloat } from '../values/nearest-float.ts'
import { asciiText, isDigit, skipNumber } from './number-bytes.ts'
import { NumberColumn } from './number-column.ts'

const POWERS_EXACT = Float64Array.from({ length: 23 }, (_, exponent) => 10 ** exponent)
const FLOAT_NORMAL_MIN = 2 ** -126

/** double, and float as the nearest 32-bit value. */
export class DoubleColumn extends NumberColumn<Float64Array> {
  /** Whether it keeps floats. */
  readonly single: boolean

  constructor(single: boolean) {
    super(new Float64Array(0))
    this.single = single
  }

  /** A mantissa below 2^53 and a power of ten up to 22 are both exact doubles, so one operation on them rounds once. */
  readJson(bytes: Uint8Array, _view: DataView, position: number, row: number): number {
    const negative = bytes[position] === 45
    const start = negative ? position + 1 : position
    let end = start
    let mantissa = 0
    while (isDigit(bytes[end]!)) mantissa = mantissa * 10 + bytes[end++]! - 48
    if (end === start || (end > start + 1 && bytes[start] === 48)) return -1
    let decimals = 0
    if (bytes[end] === 46) {
      const point = end++
      while (isDigit(bytes[end]!)) mantissa = mantissa * 10 + bytes[end++]! - 48
      decimals = end - point - 1
      if (decimals === 0) return -1
    }
    if ((bytes[end]! | 32) === 101 || mantissa > Number.MAX_SAFE_INTEGER || decimals > 22)
      return this.#readText(bytes, position, row)
    const magnitude = mantissa / POWERS_EXACT[decimals]!
    return this.#keepFinite(bytes, position, end, negative ? -magnitude : magnitude, row)
  }

  #readText(bytes: Uint8Array, position: number, row: number): number {
    const end = skipNumber(bytes, position)
    return end < 0 ? -1 : this.#keepFinite(bytes, position, end, Number(asciiText(bytes, position, end)), row)
  }

  #keepFinite(bytes: Uint8Array, position: number, end: number, double: number, row: number): number {
    const value = this.single ? toFloat(double, bytes, position, end) : double
    if (!Number.isFinite(value)) return -1
    this.keep(row, value)
    return end
  }

  readCsv(bytes: Uint8Array, view: DataView, start: number, end: number, row: number): boolean {
    return this.readJson(bytes, view, start, row) === end
  }

  borrow(rows: number): Column {
    return { layout: 'float64', values: this.values.subarray(0, rows), nulls: this.borrowNulls(rows) }
  }
}

const double = new Float64Array(1)
const halves = new Uint32Array(double.buffer)

/** The bits that a float drops are exactly one half only for doubles that lie between two floats: there the text decides. */
function toFloat(value: number, bytes: Uint8Array, start: number, end: number): number {
  double[0] = value
  const midpoint = (halves[0]! & 0x1fff_ffff) === 0x1000_0000
  if (midpoint || Math.abs(value) < FLOAT_NORMAL_MIN) return nearestFloat(asciiText(bytes, start, end))
  return Math.fround(value)
}
