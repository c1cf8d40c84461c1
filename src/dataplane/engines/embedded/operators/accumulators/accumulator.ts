import type { Value } from '#language/schemas/field-types.ts'
import type { Vector } from '../../compile/vector.ts'
import type { StateReader, StateWriter } from '../../state/state-bytes.ts'

/** Rows to aggregate, and the slot each of them goes to. */
export interface AccumulatorInput {
  /** The values of the aggregate's argument by row; null for count(). */
  readonly argument: Vector | null
  /** The first `length` elements of `rows` and `slots` count; row rows[i] goes to slot slots[i]. */
  readonly rows: Int32Array
  readonly slots: Int32Array
  readonly length: number
  readonly eventTimes: Float64Array
  readonly partition: number
  readonly offsetOf: (row: number) => number
}

/**
 * One aggregate of a query, for many groups at once: group values live in arrays by slot. Slots are added in the order of
 * their rows, so that the result does not depend on how rows were cut into batches.
 */
export interface Accumulator {
  /** Makes room for slots below `capacity`. */
  reserve(capacity: number): void
  /** Back to nothing aggregated. */
  clear(slot: number): void
  add(input: AccumulatorInput): void
  /** Adds what slot `from` of another accumulator of the same aggregate holds. */
  merge(slot: number, other: Accumulator, from: number): void
  result(slot: number): Value
  write(slot: number, writer: StateWriter): void
  read(slot: number, reader: StateReader): void
}

/** A longer copy of an array of numbers. */
export function grown<A extends Float64Array | Int32Array>(array: A, length: number): A {
  if (array.length >= length) return array
  const longer = new (array.constructor as new (length: number) => A)(Math.max(length, array.length * 2))
  longer.set(array as never)
  return longer
}
