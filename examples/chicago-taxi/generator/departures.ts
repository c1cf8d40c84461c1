import type { SeededRandom } from '../../sampling/seeded-random.ts'
import { tripsByWeekdayAndHour } from './figures/hours.ts'
import type { QuarterHour } from './local-clock.ts'

/**
 * Hours of equal weekday and month differ far more than chance would have it (variance over mean is about 19 at 1,300
 * trips an hour): the course of the day itself differs from day to day, by about this factor.
 */
const HOUR_SPREAD = 0.12

/** Trips of an average hour of this weekday. `date` is `YYYY-MM-DD`. */
export function hourlyTrips(date: string): readonly number[] {
  const weekday = (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7
  return tripsByWeekdayAndHour[weekday]!
}

/** How many of `trips` begin in each quarter hour; their sum is `trips`. */
export function tripsPerQuarter(
  quarters: readonly QuarterHour[],
  trips: number,
  hourly: readonly number[],
  random: SeededRandom,
): readonly number[] {
  const byHour = hourly.map((average) => random.around(average, HOUR_SPREAD))
  const expected = quarters.map(({ hour, quarter }) => {
    const slope = (byHour[Math.min(hour + 1, 23)]! - byHour[Math.max(hour - 1, 0)]!) / 2
    return Math.max(byHour[hour]! / 4, byHour[hour]! + slope * (quarter / 4 - 0.375))
  })
  const scale = trips / expected.reduce((sum, weight) => sum + weight, 0)
  const weights = expected.map(
    (weight) => weight * Math.max(0, 1 + random.normal() / Math.sqrt(Math.max(1, weight * scale))),
  )
  return apportion(weights, trips)
}

/** Whole numbers in proportion to the weights that add up to `total`. */
function apportion(weights: readonly number[], total: number): readonly number[] {
  const sum = weights.reduce((partial, weight) => partial + weight, 0)
  let running = 0
  let given = 0
  return weights.map((weight, index) => {
    running += weight
    const upTo = index === weights.length - 1 ? total : Math.round((running / sum) * total)
    const part = upTo - given
    given = upTo
    return part
  })
}

/** Start times of a day's trips in ascending order, epoch ms on whole seconds, each with its local hour. */
export function* departures(
  quarters: readonly QuarterHour[],
  counts: readonly number[],
  random: SeededRandom,
): Generator<{ timeMs: number; hour: number }> {
  for (const [index, { startMs, hour }] of quarters.entries()) {
    // The next of n sorted uniform points, without sorting: the smallest of n has the distribution 1 - u^(1/n).
    let position = 0
    for (let remaining = counts[index]!; remaining > 0; remaining--) {
      position = 1 - (1 - position) * (1 - random.fraction()) ** (1 / remaining)
      yield { timeMs: startMs + Math.min(899, Math.floor(position * 900)) * 1000, hour }
    }
  }
}
