import type { Value } from '#language/schemas/field-types.ts'
import type { Vector } from '../../compile/vector.ts'
import type { PrefixSums } from '../../sharing/prefix-sums.ts'
import type { StateReader, StateWriter } from '../../state/state-bytes.ts'

/** Rows to aggregate, and the slot each of them goes to. */
export interface AccumulatorInput {
  /** The values of the aggregate's argument by row; null for count(). */
  readonly argument: Vector | null
  /** Row rows[i] goes to slot slots[i], for i in [begin, end). */
  readonly rows: Int32Array
  readonly slots: Int32Array
  readonly begin: number
  readonly end: number
  readonly eventTimes: Float64Array
  readonly partition: number
  readonly offsetOf: (row: number) => number
}

/** Ranges of rows to aggregate: all rows of range i, [begins[i], ends[i]), go to slot slots[i]. The first `count` elements count. */
export interface RangesInput {
  readonly count: number
  readonly begins: Int32Array
  readonly ends: Int32Array
  readonly slots: Int32Array
  /** The sums of the aggregate's argument; null where there are none. Computed when they are first asked for. */
  readonly prefixSums: () => PrefixSums | null
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
  /** Adds ranges without a look at their rows; false when that is not possible, and nothing was added. */
  addRanges(input: RangesInput): boolean
  /** Adds what slot `from` of another accumulator of the same aggregate holds. */
  merge(slot: number, other: Accumulator, from: number): void
  result(slot: number): Value
  write(slot: number, writer: StateWriter): void
  read(slot: number, reader: StateReader): void
}
