import type { Value } from '#language/schemas/field-types.ts'
import { INT_MAX, INT_MIN } from '#language/schemas/field-types.ts'
import type { Column } from '../../records/record-batch.ts'
import { type ColumnBuilder, grown, takeFirst, takeNulls } from './column-builder.ts'
import { isDigit, skipZeroFraction } from './number-bytes.ts'

const DIGITS_MAX = 10

export class IntColumn implements ColumnBuilder {
  #values = new Int32Array(0)
  #nulls = new Uint8Array(0)

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
    this.#values[row] = value
    this.#nulls[row] = 0
    return end
  }

  readCsv(bytes: Uint8Array, view: DataView, start: number, end: number, row: number): boolean {
    return this.readJson(bytes, view, start, row) === end
  }

  setNull(row: number): void {
    this.#values[row] = 0
    this.#nulls[row] = 1
  }

  set(row: number, value: Value): void {
    this.#values[row] = value as number
    this.#nulls[row] = 0
  }

  reserve(capacity: number): void {
    this.#values = grown(this.#values, capacity)
    this.#nulls = grown(this.#nulls, capacity)
  }

  take(rows: number, staged: number): Column {
    return {
      layout: 'int32',
      values: takeFirst(this.#values, rows, staged),
      nulls: takeNulls(this.#nulls, rows, staged),
    }
  }

  resetDictionary(): void {}
}
