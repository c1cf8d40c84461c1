import type { RelationBatch } from '../compile/relation.ts'
import type { Vector } from '../compile/vector.ts'
import { hasFewNulls } from './null-marks.ts'

/**
 * Sums of a column of whole numbers from the first row of a relation up to each row, so that the sum of any range of rows is one
 * subtraction, for every query and window: rows [b, e) sum to sums[e] - sums[b], and nulls[e] - nulls[b] of them are null. Exact, because no sum
 * on the way leaves 2^53; a column for which that is not certain has none.
 */
export class PrefixSums {
  sums = new Float64Array(1)
  /** Null when no row is null. */
  nulls: Int32Array | null = null
  #nullBuffer = new Int32Array(1)

  /** Whether there are such sums of a column. What was there before is gone. */
  fill(vector: Vector, { rows, length }: RelationBatch): boolean {
    if (vector.layout !== 'float64' && vector.layout !== 'int32') return false
    this.#reserve(length + 1)
    this.nulls = vector.nulls === null ? null : this.#countNulls(vector.nulls, rows, length)
    return vector.layout === 'float64'
      ? sumDoubles(vector.values, rows, length, this.sums)
      : sumInts(vector.values, rows, length, this.sums)
  }

  #reserve(length: number): void {
    if (this.sums.length >= length) return
    this.sums = new Float64Array(length)
    this.#nullBuffer = new Int32Array(length)
  }

  #countNulls(nulls: Uint8Array, rows: Int32Array, length: number): Int32Array {
    const counts = this.#nullBuffer
    if (length === nulls.length && hasFewNulls(nulls)) return countFew(nulls, counts)
    let count = 0
    for (let i = 0; i < length; i++) {
      count += nulls[rows[i]!]!
      counts[i + 1] = count
    }
    return counts
  }
}

function countFew(nulls: Uint8Array, counts: Int32Array): Int32Array {
  let [count, begin] = [0, 0]
  for (let row = nulls.indexOf(1); row >= 0; row = nulls.indexOf(1, row + 1)) {
    counts.fill(count++, begin, row + 1)
    begin = row + 1
  }
  return counts.fill(count, begin, nulls.length + 1)
}

// One function for each kind of array: an array access that meets both kinds takes twice as long. The value of a null row is 0.
function sumDoubles(values: Float64Array, rows: Int32Array, length: number, sums: Float64Array): boolean {
  let [sum, greatest] = [0, 0]
  for (let i = 0; i < length; i++) {
    const value = values[rows[i]!]!
    sum += value
    const magnitude = Math.abs(value)
    // Math.max takes three times as long as the rest of the loop.
    if (magnitude > greatest) greatest = magnitude
    sums[i + 1] = sum
  }
  return greatest * length <= Number.MAX_SAFE_INTEGER
}

function sumInts(values: Int32Array, rows: Int32Array, length: number, sums: Float64Array): boolean {
  let sum = 0
  for (let i = 0; i < length; i++) {
    sum += values[rows[i]!]!
    sums[i + 1] = sum
  }
  return length < 2 ** 21
}
