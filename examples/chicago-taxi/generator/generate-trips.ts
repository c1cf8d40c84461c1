import type { SampleOptions } from 'mysimbdp'
import { SeededRandom, seedFrom } from '../../sampling/seeded-random.ts'
import { departures, hourlyTrips, tripsPerQuarter } from './departures.ts'
import { FaultPlan, spoil } from './faults.ts'
import { LocalClock } from './local-clock.ts'
import { TripMaker } from './trip-maker.ts'

/** A busy Saturday. The few faulty records show what a run says about them. */
export const sampleDefaults: SampleOptions = {
  records: 54_000,
  seed: 1,
  date: '2024-04-13',
  timeZone: 'America/Chicago',
  faults: 0.0002,
}

/**
 * Taxi trips of one local day in the order of their start, each a line of JSON with all 24 fields. Equal options give equal
 * lines. With `faults`, that share of further records is spoilt in one of `faultKinds`; the good ones are the same without.
 * @throws RangeError when the date is none or the time zone is not known
 */
export function* generateTrips(options: SampleOptions): Generator<string, void, void> {
  const { records, seed, date, timeZone } = options
  const clock = new LocalClock(timeZone)
  const quarters = clock.quarterHours(date)
  const courseRandom = new SeededRandom(seedFrom('course', seed, date))
  const counts = tripsPerQuarter(quarters, records, hourlyTrips(date), courseRandom)
  const tripRandom = new SeededRandom(seedFrom('trips', seed, date))
  const spoiltRandom = new SeededRandom(seedFrom('spoilt', seed, date))
  const trips = new TripMaker(options, clock)
  const plan = new FaultPlan(seed, options.faults)
  for (const { timeMs, hour } of departures(quarters, counts, courseRandom)) {
    yield trips.tripJson(timeMs, hour, tripRandom)
    const fault = plan.next()
    if (fault !== null) yield spoil(fault, trips.tripJson(timeMs, hour, spoiltRandom))
  }
}
