import type { LoggedBatch } from '../../../records/record-batch.ts'

/**
 * The watermark before each row of a batch (semantics 2.2), or null where no row can be late: every window of a record ends after
 * its event time, so none is late while the least event time is not below the greatest watermark.
 */
export function watermarksBefore({ batch, maxEventTimeBefore, minEventTime, maxEventTime }: LoggedBatch, delayMs: number): Float64Array | null {
  if (delayMs === Number.POSITIVE_INFINITY) return null
  if (minEventTime >= Math.max(maxEventTimeBefore, maxEventTime) - delayMs) return null
  const watermarks = new Float64Array(batch.rows)
  let greatest = maxEventTimeBefore
  for (let row = 0; row < batch.rows; row++) {
    watermarks[row] = greatest - delayMs
    if (batch.eventTimes[row]! > greatest) greatest = batch.eventTimes[row]!
  }
  return watermarks
}
