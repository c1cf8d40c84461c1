import type { Value } from '#language/schemas/field-types.ts'
import type { Column } from '../../records/record-batch.ts'
import { anySet, type ColumnBuilder, grown, releaseFlags } from './column-builder.ts'

/**
 * What columns of numbers share. The arrays are open to generated decoders, which write accepted values without a call: such a
 * value leaves its null flag alone, and whoever sets one says so in `mayHaveNulls`.
 */
export abstract class NumberColumn<A extends Float64Array | Int32Array | Uint8Array> implements ColumnBuilder {
  values: A
  nulls = new Uint8Array(0)
  /** False only when no flag is set. */
  mayHaveNulls = false

  constructor(values: A) {
    this.values = values
  }

  abstract readJson(bytes: Uint8Array, view: DataView, position: number, row: number): number
  abstract readCsv(bytes: Uint8Array, view: DataView, start: number, end: number, row: number): boolean

  setNull(row: number): void {
    this.values[row] = 0
    this.nulls[row] = 1
    this.mayHaveNulls = true
  }

  set(row: number, value: Exclude<Value, null>, _ambiguous: boolean): void {
    this.keep(row, value as number)
  }

  keep(row: number, value: number): void {
    this.values[row] = value
    this.nulls[row] = 0
  }

  clear(row: number): void {
    this.nulls[row] = 0
  }

  reserve(capacity: number): void {
    this.values = grown(this.values, capacity)
    this.nulls = grown(this.nulls, capacity)
  }

  abstract borrow(rows: number): Column

  protected borrowNulls(rows: number): Uint8Array | null {
    return this.mayHaveNulls && anySet(this.nulls, rows) ? this.nulls.subarray(0, rows) : null
  }

  release(rows: number, staged: number): void {
    this.values.copyWithin(0, rows, staged)
    if (!this.mayHaveNulls) return
    releaseFlags(this.nulls, rows, staged)
    this.mayHaveNulls = anySet(this.nulls, staged - rows)
  }

  resetDictionary(_staged: number): void {}
}
