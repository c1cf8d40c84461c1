import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SampleOptions } from 'mysimbdp'
import { tripSchema } from '../trip-schema.ts'
import { hiddenFees } from './charges.ts'
import { type FaultKind, faultKinds, plantedFaults } from './faults.ts'
import { communityAreas } from './figures/community-areas.ts'
import { tripsByWeekdayAndHour } from './figures/hours.ts'
import { generateTrips, sampleDefaults } from './generate-trips.ts'

type Trip = Readonly<Record<string, string | number | null>>

const HOUR_MS = 3_600_000
const goodDefaults: SampleOptions = { ...sampleDefaults, faults: 0 }
const names = tripSchema.fields.map(({ name }) => name)
const linesOf = (options: Partial<SampleOptions>): readonly string[] => [
  ...generateTrips({ ...goodDefaults, ...options }),
]
const timesOf = (options: Partial<SampleOptions>): readonly number[] =>
  linesOf(options).map((line) => JSON.parse(line).event_timestamp)

const sampleLines = linesOf({})
const sample: readonly Trip[] = sampleLines.map((line) => JSON.parse(line))
const shareOf = (trips: readonly Trip[], holds: (trip: Trip) => boolean): number =>
  trips.filter(holds).length / trips.length
const near = (actual: number, expected: number, tolerance: number, what: string): void =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what}: ${actual}, expected ${expected} within ${tolerance}`)

/** Cents, read from the text of the line: money is exact. */
function centsOf(line: string, field: string): number | null {
  const [, whole, cents] =
    new RegExp(`"${field}":(?:(\\d+)\\.(\\d\\d)|null)[,}]`).exec(line) ?? assert.fail(`no ${field} in ${line}`)
  return whole === undefined ? null : Number(whole) * 100 + Number(cents)
}

test('equal options give equal lines; another seed or date gives others', () => {
  const some = { records: 500, faults: 0.05 }
  assert.deepEqual(linesOf(some), linesOf(some))
  assert.notDeepEqual(linesOf(some), linesOf({ ...some, seed: 2 }))
  assert.notDeepEqual(linesOf(some), linesOf({ ...some, date: '2024-04-14' }))
})

test('a sample holds as many trips as were asked for, with ids of their own', () => {
  for (const records of [0, 1, 2, 97, 5_000]) assert.equal(linesOf({ records }).length, records)
  assert.equal(sample.length, 54_000)
  assert.equal(new Set(sample.map((trip) => trip.trip_id)).size, sample.length)
})

test("the reference's peak day of 150,000 trips can be made", () => {
  let lines = 0
  for (const _ of generateTrips({ ...goodDefaults, records: 150_000 })) lines++
  assert.equal(lines, 150_000)
})

test('every line holds exactly the fields of the schema in its order', () => {
  for (const trip of sample) assert.deepEqual(Object.keys(trip), names)
})

test('trips come in the order of their start, on whole seconds of the local date', () => {
  const times = timesOf({})
  const dayStartMs = Date.parse('2024-04-13T00:00:00-05:00')
  assert.ok(times.every((timeMs, index) => index === 0 || timeMs >= times[index - 1]!))
  assert.ok(times.every((timeMs) => timeMs % 1000 === 0))
  assert.ok(times[0]! >= dayStartMs && times.at(-1)! < dayStartMs + 24 * HOUR_MS)
  assert.ok(
    new Set(times.map((timeMs) => timeMs % 900_000)).size === 900,
    'unlike the portal, starts are not on quarter hours',
  )
})

test('the portal texts say the local time of start and end', () => {
  const [trip] = linesOf({ records: 1 }).map((line): Trip => JSON.parse(line))
  const start = Date.parse(`${trip!.trip_start_timestamp} GMT-0500`)
  const end = Date.parse(`${trip!.trip_end_timestamp} GMT-0500`)
  assert.match(String(trip!.trip_start_timestamp), /^04\/13\/2024 (0[1-9]|1[0-2]):[0-5]\d:[0-5]\d [AP]M$/)
  assert.equal(start, trip!.event_timestamp)
  assert.equal(end - start, Number(trip!.trip_seconds) * 1000)
})

test('the days on which the clock changes have 23 and 25 hours', () => {
  const spring = timesOf({ records: 20_000, date: '2024-03-10' })
  const springStartMs = Date.parse('2024-03-10T00:00:00-06:00')
  assert.ok(
    spring[0]! >= springStartMs &&
      spring.at(-1)! < springStartMs + 23 * HOUR_MS &&
      spring.at(-1)! > springStartMs + 22.9 * HOUR_MS,
  )
  const autumn = timesOf({ records: 20_000, date: '2024-11-03' })
  const autumnStartMs = Date.parse('2024-11-03T00:00:00-05:00')
  assert.ok(
    autumn[0]! >= autumnStartMs &&
      autumn.at(-1)! < autumnStartMs + 25 * HOUR_MS &&
      autumn.at(-1)! > autumnStartMs + 24.9 * HOUR_MS,
  )
  const startsIn = (hour: number): number =>
    autumn.filter((timeMs) => Math.floor((timeMs - autumnStartMs) / HOUR_MS) === hour).length
  assert.ok(startsIn(1) > 100 && startsIn(2) > 100, 'the repeated hour has trips both times')
})

test('the hours follow the curve of the weekday', () => {
  const hours = new Array<number>(24).fill(0)
  const dayStartMs = Date.parse('2024-04-13T00:00:00-05:00')
  for (const { event_timestamp } of sample) hours[Math.floor((Number(event_timestamp) - dayStartMs) / HOUR_MS)]! += 1
  const saturday = tripsByWeekdayAndHour[5]!
  const perDay = saturday.reduce((sum, trips) => sum + trips, 0)
  // A day differs from the average by about 12 % in each hour; 45 % is more than any hour does.
  for (const [hour, trips] of hours.entries())
    near(trips / sample.length / (saturday[hour]! / perDay), 1, 0.45, `hour ${hour} against the average`)
})

test('pickup areas have the shares of 2024', () => {
  const known = sample.filter((trip) => trip.pickup_community_area !== null)
  const total = communityAreas.reduce((sum, [, , , , pickups]) => sum + pickups, 0)
  for (const [area, name, , , pickups] of communityAreas) {
    const expected = pickups / total
    near(
      shareOf(known, (trip) => trip.pickup_community_area === area),
      expected,
      0.003 + expected * 0.08,
      name,
    )
  }
  near(1 - known.length / sample.length, 0.08, 0.01, 'without an area')
})

test('about a third of the trips are complete; gaps come in patterns', () => {
  const complete = shareOf(sample, (trip) => Object.values(trip).every((value) => value !== null))
  assert.ok(complete > 0.28 && complete < 0.38, `${complete} are complete`)
  near(
    shareOf(sample, (trip) => trip.pickup_census_tract === null),
    0.628,
    0.02,
    'without a tract',
  )
  near(
    shareOf(sample, (trip) => trip.dropoff_community_area === null),
    0.105,
    0.015,
    'without a dropoff area',
  )
  for (const trip of sample) {
    assert.equal(trip.pickup_community_area === null, trip.pickup_centroid_location === null)
    if (trip.dropoff_community_area !== null) assert.notEqual(trip.dropoff_centroid_location, null)
    assert.equal(trip.fare === null, trip.trip_total === null)
  }
})

test('the total is the sum of its parts, or that and a known fee', () => {
  let withFee = 0
  let paid = 0
  for (const line of sampleLines) {
    const [fare, tips, tolls, extras, total] = ['fare', 'tips', 'tolls', 'extras', 'trip_total'].map((field) =>
      centsOf(line, field),
    )
    if (fare === null) continue
    const fee = total! - fare! - tips! - tolls! - extras!
    assert.ok(fee === 0 || hiddenFees.includes(fee), `a fee of ${fee} cents in ${line}`)
    paid++
    if (fee > 0) withFee++
  }
  near(withFee / paid, 0.34, 0.04, 'with a fee')
})

test('payments and companies have their shares and habits', () => {
  const by = (payment: string): readonly Trip[] =>
    sample.filter((trip) => trip.payment_type === payment && trip.fare !== null)
  for (const [payment, share] of [
    ['Credit Card', 0.4],
    ['Cash', 0.275],
    ['Mobile', 0.163],
    ['Prcard', 0.118],
    ['Unknown', 0.04],
  ] as const) {
    near(by(payment).length / sample.length, share, 0.02, payment)
  }
  const tipped = (trip: Trip): boolean => Number(trip.tips) > 0
  near(shareOf(by('Credit Card'), tipped), 0.93, 0.02, 'tips by card')
  near(shareOf(by('Mobile'), tipped), 0.845, 0.02, 'tips by app')
  assert.ok(shareOf(by('Cash'), tipped) < 0.005)
  assert.ok(
    by('Cash').every((trip) => (Number(trip.fare) * 4) % 1 === 0),
    'cash fares are on the 25-cent grid',
  )
  const wholeMinutes = sample.filter((trip) => trip.company === 'Taxi Affiliation Services')
  near(wholeMinutes.length / sample.length, 0.163, 0.02, 'Taxi Affiliation Services')
  assert.ok(
    wholeMinutes
      .filter((trip) => Number(trip.trip_seconds) < 10_800)
      .every((trip) => Number(trip.trip_seconds) % 60 === 0),
  )
  assert.ok(wholeMinutes.every((trip) => trip.payment_type !== 'Mobile' && trip.payment_type !== 'Prcard'))
})

test('lengths, times and fares are spread as in real days, odd values included', () => {
  const quantile = (field: string, part: number): number => {
    const values = sample
      .map((trip) => trip[field])
      .filter((value) => value !== null)
      .map(Number)
    return values.sort((a, b) => a - b)[Math.floor(part * values.length)]!
  }
  near(quantile('trip_seconds', 0.5), 850, 80, 'median seconds')
  near(quantile('trip_miles', 0.5), 2.75, 0.6, 'median miles')
  near(quantile('trip_miles', 0.95), 18, 1.5, 'long trips, miles')
  near(quantile('fare', 0.5), 12.5, 1.5, 'median fare')
  near(quantile('fare', 0.95), 47, 4, 'long trips, fare')
  near(
    shareOf(sample, (trip) => trip.trip_miles === 0),
    0.1,
    0.035,
    'zero miles',
  )
  near(
    shareOf(sample, (trip) => trip.trip_seconds === 0),
    0.015,
    0.01,
    'zero seconds',
  )
  assert.ok(sample.some((trip) => Number(trip.fare) > 200) && sample.every((trip) => Number(trip.fare) < 10_000))
})

test('the taxis are a stable pool of about 1,700', () => {
  const first = new Set(sample.map((trip) => trip.taxi_id))
  const other = linesOf({ seed: 9, records: 20_000, date: '2024-07-02' }).map((line) => JSON.parse(line).taxi_id)
  near(first.size, 1_700, 60, 'taxis')
  assert.ok(other.filter((id) => first.has(id)).length > 19_800)
  assert.match(String(sample[0]!.taxi_id), /^[0-9a-f]{128}$/)
})

/** What each fault looks like to a reader of the lines. */
function faultOf(line: string): FaultKind | null {
  let trip: Trip
  try {
    trip = JSON.parse(line)
  } catch {
    return 'cutLine'
  }
  if (typeof trip.fare === 'string') return 'fareAsText'
  if (!('trip_id' in trip)) return 'portalNames'
  if (trip.event_timestamp === null) return 'noEventTime'
  return typeof trip.event_timestamp === 'string' ? 'impossibleTime' : null
}

test('faulty records come on top, in every kind, as many as were announced', () => {
  const options = { ...goodDefaults, records: 10_000, faults: 0.002 }
  const lines = [...generateTrips(options)]
  const found = lines.map(faultOf).filter((kind) => kind !== null)
  assert.equal(found.length, plantedFaults(options))
  assert.ok(found.length >= 10 && found.length <= 35, `${found.length} faults`)
  assert.deepEqual(new Set(found), new Set(faultKinds))
  assert.deepEqual(
    lines.filter((line) => faultOf(line) === null),
    linesOf({ records: 10_000 }),
  )
  assert.equal(plantedFaults(goodDefaults), 0)
})

test('the defaults plant a few faults of every kind', () => {
  const planted = plantedFaults(sampleDefaults)
  assert.ok(planted >= faultKinds.length && planted < 30, `${planted} faults`)
})

test('a date that is none is refused', () => {
  assert.throws(() => linesOf({ date: '13.04.2024' }), /is no date/)
})
