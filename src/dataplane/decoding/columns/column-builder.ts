import type { Value } from '#language/schemas/field-types.ts'
import type { Column } from '../../records/record-batch.ts'

/**
 * Collects the values of one field for pending rows. Rows are written in place and may be written again: a row counts once
 * its record is complete. `view` covers the same memory as `bytes`; at least `READ_AHEAD_BYTES` may be read past any value.
 * Rows that were not written yet, or that were cleared, are not null.
 *
 * The two `read` methods are the fast way: they accept what they are sure of and answer "not sure" for all else, right or
 * wrong, so that the slow way decides and words the reason.
 */
export interface ColumnBuilder {
  /** A JSON value other than null at `position`. Returns the position after it, or -1 when not sure. */
  readJson(bytes: Uint8Array, view: DataView, position: number, row: number): number
  /** A CSV field of one byte or more, without quotes. False when not sure. */
  readCsv(bytes: Uint8Array, view: DataView, start: number, end: number, row: number): boolean
  setNull(row: number): void
  set(row: number, value: Exclude<Value, null>, ambiguous: boolean): void
  /** Takes back what a record that was not accepted left in a row. */
  clear(row: number): void
  /** Makes room for rows below `capacity`. */
  reserve(capacity: number): void
  /** The first `rows` rows, borrowed: valid until any other call. */
  borrow(rows: number): Column
  /** Lets go of the first `rows` of `staged` rows and moves the others to the front. */
  release(rows: number, staged: number): void
  /** Starts a new dictionary, if there is one; the first `staged` rows keep their values. */
  resetDictionary(staged: number): void
}

export const READ_AHEAD_BYTES = 64

type Numbers = Float64Array | Int32Array | Uint8Array | BigInt64Array | Uint32Array

/** The same numbers with room for `capacity`. */
export function grown<A extends Numbers>(array: A, capacity: number): A {
  const larger = new (array.constructor as new (length: number) => A)(capacity)
  larger.set(array as never)
  return larger
}

/** Moves the flags of rows from `rows` on to the front; no flag is set behind them. */
export function releaseFlags(flags: Uint8Array, rows: number, staged: number): void {
  flags.copyWithin(0, rows, staged)
  flags.fill(0, staged - rows, staged)
}

/** Whether a flag of the first rows is set: a native search. */
export const anySet = (flags: Uint8Array, rows: number): boolean =>
  Buffer.from(flags.buffer, flags.byteOffset, rows).includes(1)
