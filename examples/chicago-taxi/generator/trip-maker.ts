import type { SampleOptions } from 'mysimbdp'
import type { SeededRandom } from '../../sampling/seeded-random.ts'
import { type Charges, chargesOf } from './charges.ts'
import { City, type Route } from './city.ts'
import { hourlyTrips } from './departures.ts'
import { Fleet, type Taxi } from './fleet.ts'
import { drive } from './journey.ts'
import { type LocalClock, twoDigits } from './local-clock.ts'

/** Shares of trips that lack a value (2022 to 2024). */
const NO_MONEY = 0.0013
const NO_SECONDS = 0.0003
const NO_END = 0.00005
const NO_TAXI = 0.00003
/** From this length on, the payments of longer trips hold. */
const LONGER_MILES = 4.5

/** Makes trips as JSON text: all 24 fields in the order of the schema, without spaces. */
export class TripMaker {
  readonly #city: City
  readonly #fleet = new Fleet()
  readonly #clock: LocalClock
  /** How much the hour slows traffic down: less at weekends. */
  readonly #rush: number

  constructor({ date }: Pick<SampleOptions, 'date'>, clock: LocalClock) {
    const weekday = new Date(`${date}T00:00:00Z`).getUTCDay()
    this.#city = new City(hourlyTrips(date))
    this.#clock = clock
    this.#rush = weekday === 0 || weekday === 6 ? 0.3 : 0.6
  }

  /** A trip that starts at `timeMs`, in this local hour. */
  tripJson(timeMs: number, hour: number, random: SeededRandom): string {
    const route = this.#city.route(hour, random)
    const taxi = this.#fleet.taxi(random)
    const { payments, wholeMinutes } = taxi.operator
    const payment = (
      route.fromAirport ? payments.fromAirport : route.miles < LONGER_MILES ? payments.shorter : payments.longer
    ).pick(random)
    const journey = drive(route.miles, hour, this.#rush, taxi, payment, random)
    const charges = chargesOf(journey, payment, route.fromAirport, wholeMinutes, random)
    const money = random.chance(NO_MONEY) ? noMoneyJson : moneyJson(charges)
    const hasSeconds = !random.chance(NO_SECONDS)
    const hasEnd = !random.chance(NO_END)
    const endText = this.#clock.portalText(timeMs + journey.reportedSeconds * 1000)
    return (
      `{"trip_id":"${random.hex(5)}","taxi_id":${taxiJson(taxi, random)}` +
      `,"trip_start_timestamp":"${this.#clock.portalText(timeMs)}","trip_end_timestamp":${hasEnd ? `"${endText}"` : 'null'}` +
      `,"trip_seconds":${hasSeconds ? journey.reportedSeconds : 'null'},"trip_miles":${journey.reportedHundredthMiles / 100}` +
      `${areasJson(route)}${money},"payment_type":"${payment}","company":"${taxi.operator.name}"${centroidsJson(route)},"event_timestamp":${timeMs}}`
    )
  }
}

const taxiJson = (taxi: Taxi, random: SeededRandom): string => (random.chance(NO_TAXI) ? 'null' : `"${taxi.id}"`)

const areasJson = ({ pickup, dropoff }: Route): string =>
  `,"pickup_census_tract":${pickup.tract},"dropoff_census_tract":${dropoff.tract}` +
  `,"pickup_community_area":${pickup.area},"dropoff_community_area":${dropoff.area}`

const centroidsJson = ({ pickup, dropoff }: Route): string =>
  `,"pickup_centroid_latitude":${pickup.latitude},"pickup_centroid_longitude":${pickup.longitude},"pickup_centroid_location":${pickup.location}` +
  `,"dropoff_centroid_latitude":${dropoff.latitude},"dropoff_centroid_longitude":${dropoff.longitude},"dropoff_centroid_location":${dropoff.location}`

const noMoneyJson = ',"fare":null,"tips":null,"tolls":null,"extras":null,"trip_total":null'

const moneyJson = ({ fare, tips, tolls, extras, total }: Charges): string =>
  `,"fare":${dollars(fare)},"tips":${dollars(tips)},"tolls":${dollars(tolls)},"extras":${dollars(extras)},"trip_total":${dollars(total)}`

/** Cents as dollars with two decimals. */
const dollars = (cents: number): string => `${Math.floor(cents / 100)}.${twoDigits[cents % 100]}`
