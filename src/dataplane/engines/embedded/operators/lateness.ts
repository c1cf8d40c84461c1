import type { LoggedBatch } from '../../../records/record-batch.ts'

/**
 * The watermark before each row of a batch (semantics 2.2), or null where no row can be late: every window of a record ends after
 * its event time, so only a record behind the watermark can be late for one.
 */
export function watermarksBefore(
  { batch, maxEventTimeBefore, minEventTime, maxEventTime }: LoggedBatch,
  delayMs: number,
): Float64Array | null {
  if (delayMs === Number.POSITIVE_INFINITY) return null
  if (minEventTime >= Math.max(maxEventTimeBefore, maxEventTime) - delayMs) return null
  const watermarks = new Float64Array(batch.rows)
  let greatest = maxEventTimeBefore
  let behind = false
  for (let row = 0; row < batch.rows; row++) {
    const eventTime = batch.eventTimes[row]!
    watermarks[row] = greatest - delayMs
    if (eventTime < watermarks[row]!) behind = true
    if (eventTime > greatest) greatest = eventTime
  }
  return behind ? watermarks : null
}
