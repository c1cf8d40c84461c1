import type { Column } from '../../records/record-batch.ts'
import { DayBytes } from './day-bytes.ts'
import { NumberColumn } from './number-column.ts'

const DATE_LENGTH = 10
const QUOTE = 34

/** Dates as days since 1970-01-01. */
export class DateColumn extends NumberColumn<Int32Array> {
  readonly #days = new DayBytes()

  constructor() {
    super(new Int32Array(0))
  }

  readJson(bytes: Uint8Array, view: DataView, position: number, row: number): number {
    const end = position + 1 + DATE_LENGTH
    if (bytes[position] !== QUOTE || bytes[end] !== QUOTE) return -1
    return this.readCsv(bytes, view, position + 1, end, row) ? end + 1 : -1
  }

  readCsv(bytes: Uint8Array, view: DataView, start: number, end: number, row: number): boolean {
    if (end - start !== DATE_LENGTH) return false
    const days = this.#days.read(bytes, view, start)
    if (Number.isNaN(days)) return false
    this.keep(row, days)
    return true
  }

  borrow(rows: number): Column {
    return { layout: 'int32', values: this.values.subarray(0, rows), nulls: this.borrowNulls(rows) }
  }
}
