import type { LoggedBatch } from '../../../records/record-batch.ts'

/**
 * The watermark before each row of a batch (semantics 2.2), to be asked for row after row, ascending. `delayMs` as in `Operator.process`.
 */
export function watermarksBefore(
  { batch: { eventTimes }, maxEventTimeBefore }: LoggedBatch,
  delayMs: number,
): (row: number) => number {
  let greatest = maxEventTimeBefore
  let next = 0
  return (row) => {
    for (; next < row; next++) if (eventTimes[next]! > greatest) greatest = eventTimes[next]!
    return greatest - delayMs
  }
}
