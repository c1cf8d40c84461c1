import type { Value } from '#language/schemas/field-types.ts'
import type { Column } from '../../records/record-batch.ts'
import { type ColumnBuilder, grown, takeFirst, takeNulls } from './column-builder.ts'

/** `true` and `alse` as little-endian words. */
const TRUE_WORD = 0x65757274
const ALSE_WORD = 0x65736c61

export class BooleanColumn implements ColumnBuilder {
  #values = new Uint8Array(0)
  #nulls = new Uint8Array(0)

  readJson(bytes: Uint8Array, view: DataView, position: number, row: number): number {
    let end = -1
    if (view.getInt32(position, true) === TRUE_WORD) end = position + 4
    else if (bytes[position] === 102 && view.getInt32(position + 1, true) === ALSE_WORD) end = position + 5
    if (end < 0) return -1
    this.#values[row] = end === position + 4 ? 1 : 0
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
    this.#values[row] = value === true ? 1 : 0
    this.#nulls[row] = 0
  }

  reserve(capacity: number): void {
    this.#values = grown(this.#values, capacity)
    this.#nulls = grown(this.#nulls, capacity)
  }

  take(rows: number, staged: number): Column {
    return {
      layout: 'boolean',
      values: takeFirst(this.#values, rows, staged),
      nulls: takeNulls(this.#nulls, rows, staged),
    }
  }

  resetDictionary(): void {}
}
