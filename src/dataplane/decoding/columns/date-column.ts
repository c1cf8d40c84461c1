import type { Value } from '#language/schemas/field-types.ts'
import type { Column } from '../../records/record-batch.ts'
import { type ColumnBuilder, grown, takeFirst, takeNulls } from './column-builder.ts'
import { DayBytes } from './day-bytes.ts'

const DATE_LENGTH = 10
const QUOTE = 34

/** Dates as days since 1970-01-01. */
export class DateColumn implements ColumnBuilder {
  readonly #days = new DayBytes()
  #values = new Int32Array(0)
  #nulls = new Uint8Array(0)

  readJson(bytes: Uint8Array, view: DataView, position: number, row: number): number {
    const end = position + 1 + DATE_LENGTH
    if (bytes[position] !== QUOTE || bytes[end] !== QUOTE) return -1
    return this.readCsv(bytes, view, position + 1, end, row) ? end + 1 : -1
  }

  readCsv(bytes: Uint8Array, view: DataView, start: number, end: number, row: number): boolean {
    if (end - start !== DATE_LENGTH) return false
    const days = this.#days.read(bytes, view, start)
    if (Number.isNaN(days)) return false
    this.#values[row] = days
    this.#nulls[row] = 0
    return true
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
