import type { RelationBatch } from '../compile/relation.ts'

/** Where a row is in the row list of a relation; -1 when it is not. */
export function placeOf(row: number, { batch, rows, length }: RelationBatch): number {
  if (length === batch.rows) return row
  let [low, high] = [0, length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (rows[middle]! < row) low = middle + 1
    else high = middle
  }
  return low < length && rows[low] === row ? low : -1
}
