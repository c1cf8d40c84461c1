import type { FieldType } from '#language/schemas/field-types.ts'
import { skipString } from '../json/json-tokens.ts'
import type { ColumnBuilder } from './column-builder.ts'
import { createColumn } from './create-column.ts'

const QUOTE = 34

/** Holds values of a field that nobody needs to the rules of its type, and keeps none. */
export class UnkeptColumn implements ColumnBuilder {
  /** Takes each value in its first row; null for strings, which only have to be well formed. */
  readonly checked: ColumnBuilder | null

  constructor(type: FieldType, timeZone: string) {
    this.checked = type.kind === 'string' ? null : createColumn(type, timeZone)
    this.checked?.reserve(1)
  }

  readJson(bytes: Uint8Array, view: DataView, position: number): number {
    if (this.checked !== null) return this.checked.readJson(bytes, view, position, 0)
    return bytes[position] === QUOTE ? skipString(bytes, view, position + 1) : -1
  }

  readCsv(bytes: Uint8Array, view: DataView, start: number, end: number): boolean {
    return this.checked === null || this.checked.readCsv(bytes, view, start, end, 0)
  }

  setNull(): void {}

  set(): void {}

  clear(): void {}

  reserve(): void {}

  borrow(): never {
    throw new TypeError('the values of this field were not kept')
  }

  release(): void {}

  resetDictionary(): void {}
}
