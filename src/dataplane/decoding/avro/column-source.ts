import { NumberColumn } from '../columns/number-column.ts'
import { UnkeptColumn } from '../columns/unkept-column.ts'
import type { DecoderField } from '../decoder-field.ts'

/** How generated code writes to the column of a field. */
export interface ColumnSource {
  /** The column itself. */
  readonly name: string
  /** Before the first record, and after the last one. */
  readonly before: string
  readonly after: string
  readonly setNull: string
  /** Writes a number that is valid for the field; a boolean as 0 or 1. */
  readonly store: (value: string) => string
}

/** Numbers go into the array of their column without a call. */
export function columnSource({ column }: DecoderField, index: number): ColumnSource {
  const name = `column${index}`
  const isNumber = column instanceof NumberColumn
  if (!isNumber) {
    const setNull = column instanceof UnkeptColumn ? '' : `\n      ${name}.setNull(row)`
    return { name, before: '', after: '', setNull, store: () => '' }
  }
  return {
    name,
    before: `const values${index} = ${name}.values, nulls${index} = ${name}.nulls
  let anyNull${index} = false`,
    after: `if (anyNull${index}) ${name}.mayHaveNulls = true`,
    setNull: `
      values${index}[row] = 0
      nulls${index}[row] = 1
      anyNull${index} = true`,
    store: (value) => `
      values${index}[row] = ${value}`,
  }
}
