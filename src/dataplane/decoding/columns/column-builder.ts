import type { Value } from '#language/schemas/field-types.ts'
import type { Column } from '../../records/record-batch.ts'

/**
 * Collects the values of one field for pending rows. Rows are written in place and may be written again: a row counts once
 * its record is complete. `view` covers the same memory as `bytes`; at least `READ_AHEAD_BYTES` may be read past any value.
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
  /** Makes room for rows below `capacity`. */
  reserve(capacity: number): void
  /** Copies the first `rows` of `staged` rows out and moves the others to the front. */
  take(rows: number, staged: number): Column
  /** Starts a new dictionary, if there is one; the first `staged` rows keep their values. */
  resetDictionary(staged: number): void
}

export const READ_AHEAD_BYTES = 64

type Numbers = Float64Array | Int32Array | Uint8Array | BigInt64Array

/** The same numbers with room for `capacity`. */
export function grown<A extends Numbers | Uint32Array>(array: A, capacity: number): A {
  const larger = new (array.constructor as new (length: number) => A)(capacity)
  larger.set(array as never)
  return larger
}

/** Copies the first `rows` of `staged` numbers and moves the others to the front. */
export function takeFirst<A extends Numbers | Uint32Array>(array: A, rows: number, staged: number): A {
  const taken = array.slice(0, rows) as A
  array.copyWithin(0, rows, staged)
  return taken
}

/** Null flags of the first rows, or null when none is set. */
export function takeNulls(nulls: Uint8Array, rows: number, staged: number): Uint8Array | null {
  const taken = takeFirst(nulls, rows, staged)
  return taken.includes(1) ? taken : null
}
