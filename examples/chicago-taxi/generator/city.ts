import type { SeededRandom } from '../../sampling/seeded-random.ts'
import { WeightedChoice } from '../../sampling/weighted-choice.ts'
import { censusTracts } from './figures/census-tracts.ts'
import { communityAreas } from './figures/community-areas.ts'
import { destinations } from './figures/destinations.ts'
import { airportFactorByHour } from './figures/hours.ts'
import { elsewhere, type Place, placeOf } from './place.ts'

const OHARE = 76
const MIDWAY = 56
/** Share of the trips whose two ends, or whose beginning, lie outside the city: 4.3 % and 3.5 % (2022). */
const BOTH_ENDS_OUTSIDE = 0.0435
const PICKUP_OUTSIDE = 0.0355
/** The portal withholds tracts of rare combinations, so both ends have one or neither; this scale gives 35 % of all trips. */
const TRACTS_SCALE = 1.88
const TRACTS_MAX = 0.95
/** Of the trips with tracts, those that yet lack the area of the dropoff. */
const AREA_WITHHELD = 0.0075

/** Where a trip begins and ends, as far as it says, and how far that usually is. */
export interface Route {
  readonly pickup: Place
  readonly dropoff: Place
  /** Typical miles of trips on this route. */
  readonly miles: number
  readonly fromAirport: boolean
}

interface Destination {
  readonly area: number
  readonly miles: number
}

interface Area {
  readonly place: Place
  readonly pickupTracts: WeightedChoice<Place> | null
  readonly dropoffTracts: WeightedChoice<Place> | null
  readonly pickupTractShare: number
  readonly dropoffTractShare: number
  /** Null: somewhere else than the usual destinations. */
  readonly destinations: WeightedChoice<Destination | null>
}

/** The city's areas, and which trips people make between them. */
export class City {
  readonly #areas = new Map(communityAreas.map(([area]) => [area, areaOf(area)]))
  readonly #pickupAreas: WeightedChoice<number>
  readonly #dropoffAreas: WeightedChoice<number>
  readonly #airportShareByHour: readonly number[]

  /** `hourlyTrips`: the course of the day, 24 numbers. */
  constructor(hourlyTrips: readonly number[]) {
    const numbers = communityAreas.map(([area]) => area)
    const pickups = communityAreas.map(([, , , , trips]) => trips)
    this.#pickupAreas = new WeightedChoice(
      numbers,
      pickups.map((trips, index) => (numbers[index] === OHARE ? 0 : trips)),
    )
    this.#dropoffAreas = new WeightedChoice(
      numbers,
      communityAreas.map(([, , , , , weight]) => weight),
    )
    const airportShare = pickups[numbers.indexOf(OHARE)]! / pickups.reduce((sum, trips) => sum + trips, 0)
    this.#airportShareByHour = sharesByHour(airportShare, hourlyTrips)
  }

  /** Draws a route for a trip that begins in this local hour. */
  route(hour: number, random: SeededRandom): Route {
    const outside = random.fraction()
    if (outside < BOTH_ENDS_OUTSIDE)
      return { pickup: elsewhere, dropoff: elsewhere, miles: random.around(3.2, 1.2), fromAirport: false }
    if (outside < BOTH_ENDS_OUTSIDE + PICKUP_OUTSIDE) return this.#routeFromOutside(random)
    const from = random.chance(this.#airportShareByHour[hour]!) ? OHARE : this.#pickupAreas.pick(random)
    const fromAirport = from === OHARE
    if (random.chance(shareToOutside(from))) return { ...this.#routeToOutside(from, random), fromAirport }
    const { area, miles } = this.#destination(from, random)
    return { ...this.#ends(this.#areas.get(from)!, this.#areas.get(area)!, random), miles, fromAirport }
  }

  #routeFromOutside(random: SeededRandom): Route {
    const to = this.#areas.get(this.#dropoffAreas.pick(random))!
    const dropoff = random.chance(to.dropoffTractShare) ? to.dropoffTracts!.pick(random) : to.place
    return { pickup: elsewhere, dropoff, miles: random.around(12, 0.6), fromAirport: false }
  }

  #routeToOutside(area: number, random: SeededRandom): Omit<Route, 'fromAirport'> {
    const from = this.#areas.get(area)!
    const pickup = random.chance(from.pickupTractShare / 2) ? from.pickupTracts!.pick(random) : from.place
    return { pickup, dropoff: elsewhere, miles: random.around(9, 0.9) }
  }

  #destination(from: number, random: SeededRandom): Destination {
    const usual = this.#areas.get(from)!.destinations.pick(random)
    if (usual !== null) return usual
    const area = this.#dropoffAreas.pick(random)
    return { area, miles: roadMiles(from, area) }
  }

  #ends(from: Area, to: Area, random: SeededRandom): { pickup: Place; dropoff: Place } {
    const withTracts = Math.min(TRACTS_MAX, TRACTS_SCALE * from.pickupTractShare * to.dropoffTractShare)
    if (!random.chance(withTracts)) return { pickup: from.place, dropoff: to.place }
    const dropoff = to.dropoffTracts!.pick(random)
    return {
      pickup: from.pickupTracts!.pick(random),
      dropoff: random.chance(AREA_WITHHELD) ? { ...dropoff, area: 'null' } : dropoff,
    }
  }
}

/** Share of the trips from an area that end where the portal names no area. */
function shareToOutside(area: number): number {
  if (area === OHARE) return 0.2
  return area === MIDWAY ? 0.15 : 0.022
}

/** The airport's share by hour, so that it is `share` over a day with this course. */
function sharesByHour(share: number, hourlyTrips: readonly number[]): readonly number[] {
  const total = hourlyTrips.reduce((sum, trips) => sum + trips, 0)
  const mean = hourlyTrips.reduce((sum, trips, hour) => sum + trips * airportFactorByHour[hour]!, 0) / total
  return airportFactorByHour.map((factor) => (share * factor) / mean)
}

function areaOf(area: number): Area {
  const [, , latitude, longitude, , , milesWithin, pickupTractShare, dropoffTractShare] = communityAreas[area - 1]!
  const tracts = censusTracts.filter(([, itsArea]) => itsArea === area)
  const choice = (weights: readonly number[]): WeightedChoice<Place> | null =>
    weights.some((weight) => weight > 0)
      ? new WeightedChoice(
          tracts.map(([tract, , lat, lon]) => placeOf(area, tract, lat, lon)),
          weights,
        )
      : null
  const [, tripsElsewhere, usual] = destinations[area - 1]!
  const listed = usual === '' ? [] : usual.split(' ').map((entry) => entry.split(':').map(Number))
  return {
    place: placeOf(area, null, latitude, longitude),
    pickupTracts: choice(tracts.map(([, , , , pickups]) => pickups)),
    dropoffTracts: choice(tracts.map(([, , , , , dropoffs]) => dropoffs)),
    pickupTractShare,
    dropoffTractShare,
    destinations: new WeightedChoice(
      [null, ...listed.map(([to, , miles]) => ({ area: to!, miles: to === area ? milesWithin : miles! }))],
      [tripsElsewhere, ...listed.map(([, trips]) => trips!)],
    ),
  }
}

/** Miles by road between the centroids of two areas: about 15 % and a little more than the straight line. */
function roadMiles(from: number, to: number): number {
  const [, , fromLatitude, fromLongitude, , , milesWithin] = communityAreas[from - 1]!
  if (from === to) return milesWithin
  const [, , toLatitude, toLongitude] = communityAreas[to - 1]!
  return 0.2 + 1.15 * Math.hypot((toLatitude - fromLatitude) * 69, (toLongitude - fromLongitude) * 51.4)
}
