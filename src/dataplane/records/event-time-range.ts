export interface EventTimeRange {
  readonly min: number
  readonly max: number
}

/** From Infinity to -Infinity when there are none. */
export function eventTimeRange(eventTimes: Float64Array): EventTimeRange {
  let min = Infinity
  let max = -Infinity
  for (let row = 0; row < eventTimes.length; row++) {
    const time = eventTimes[row]!
    if (time < min) min = time
    if (time > max) max = time
  }
  return { min, max }
}
