import type { LoggedBatch } from '../../../records/record-batch.ts'
import type { RelationBatch } from '../compile/relation.ts'
import type { AccumulatorInput } from './accumulators/accumulator.ts'

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

export const offsetOf = ({ baseOffset, batch }: LoggedBatch, row: number): number =>
  baseOffset + (batch.positions === null ? row : batch.positions[row]!)

/** The rows of a batch, as accumulators want to know them. */
export const rowsOf = (logged: LoggedBatch): Pick<AccumulatorInput, 'eventTimes' | 'partition' | 'offsetOf'> => ({
  eventTimes: logged.batch.eventTimes,
  partition: logged.partition,
  offsetOf: (row) => offsetOf(logged, row),
})
