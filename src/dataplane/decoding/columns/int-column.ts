import { INT_MAX, INT_MIN } from '#language/schemas/field-types.ts'
import type { Column } from '../../records/record-batch.ts'
import { isDigit, skipZeroFraction } from './number-bytes.ts'
import { NumberColumn } from './number-column.ts'

const DIGITS_MAX = 10

export class IntColumn extends NumberColumn<Int32Array> {
  constructor() {
    super(new Int32Array(0))
  }

  readJson(bytes: Uint8Array, _view: DataView, position: number, row: number): number {
    const negative = bytes[position] === 45
    const start = negative ? position + 1 : position
    let end = start
    let magnitude = 0
    while (isDigit(bytes[end]!)) magnitude = magnitude * 10 + bytes[end++]! - 48
    const digits = end - start
    if (digits === 0 || digits > DIGITS_MAX || (digits > 1 && bytes[start] === 48)) return -1
    if (bytes[end] === 46 && (end = skipZeroFraction(bytes, end)) < 0) return -1
    const value = negative ? -magnitude : magnitude
    if (value > INT_MAX || value < INT_MIN) return -1
    this.keep(row, value)
    return end
  }

  readCsv(bytes: Uint8Array, view: DataView, start: number, end: number, row: number): boolean {
    return this.readJson(bytes, view, start, row) === end
  }

  borrow(rows: number): Column {
    return { layout: 'int32', values: this.values.subarray(0, rows), nulls: this.borrowNulls(rows) }
  }
}
