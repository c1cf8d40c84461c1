import type { Value } from '#language/schemas/field-types.ts'
import type { Column } from '../../records/record-batch.ts'
import { NumberColumn } from './number-column.ts'

/** `true` and `alse` as little-endian words. */
const TRUE_WORD = 0x65757274
const ALSE_WORD = 0x65736c61

export class BooleanColumn extends NumberColumn<Uint8Array> {
  constructor() {
    super(new Uint8Array(0))
  }

  readJson(bytes: Uint8Array, view: DataView, position: number, row: number): number {
    let end = -1
    if (view.getInt32(position, true) === TRUE_WORD) end = position + 4
    else if (bytes[position] === 102 && view.getInt32(position + 1, true) === ALSE_WORD) end = position + 5
    if (end < 0) return -1
    this.keep(row, end === position + 4 ? 1 : 0)
    return end
  }

  readCsv(bytes: Uint8Array, view: DataView, start: number, end: number, row: number): boolean {
    return this.readJson(bytes, view, start, row) === end
  }

  override set(row: number, value: Exclude<Value, null>): void {
    this.keep(row, value === true ? 1 : 0)
  }

  borrow(rows: number): Column {
    return { layout: 'boolean', values: this.values.subarray(0, rows), nulls: this.borrowNulls(rows) }
  }
}
