import type { SeededRandom } from '../../sampling/seeded-random.ts'
import { speedFactorByHour } from './figures/hours.ts'
import type { PaymentType, Taxi } from './fleet.ts'

/** Meters that were started by mistake, of those that count seconds: less than a minute, the flag-drop fare. */
const STARTED_BY_MISTAKE = 0.028
const FORGOTTEN_METER = 0.0009
const ABSURD_MILES = 0.0001
/** Of the longer trips of whole-minute meters, those that report a twentieth of the way. */
const SLIPPING_METER = 0.14

/** What was driven, and what the meter reports of it. */
export interface Journey {
  /** Miles and seconds that the fare is for. */
  readonly miles: number
  readonly seconds: number
  readonly reportedHundredthMiles: number
  readonly reportedSeconds: number
  /** The fare is the flag drop alone. */
  readonly flagDropOnly: boolean
}

/** Draws how a trip of `typicalMiles` went. `rush` says how much the hour counts, 0 to 1. */
export function drive(
  typicalMiles: number,
  hour: number,
  rush: number,
  taxi: Taxi,
  payment: PaymentType,
  random: SeededRandom,
): Journey {
  const { wholeMinutes, zeroSeconds } = taxi.operator
  if (random.chance(zeroSeconds * (payment === 'Cash' ? 2 : 0.4))) {
    return { miles: 0, seconds: 0, reportedHundredthMiles: 0, reportedSeconds: 0, flagDropOnly: true }
  }
  if (!wholeMinutes && random.chance(STARTED_BY_MISTAKE)) {
    return {
      miles: 0,
      seconds: 0,
      reportedHundredthMiles: Math.floor(random.between(0, 6)),
      reportedSeconds: Math.floor(random.between(1, 60)),
      flagDropOnly: true,
    }
  }
  const miles = Math.max(0.05, random.around(typicalMiles, milesSpread(typicalMiles)))
  const seconds = secondsFor(miles, speedFactorByHour[hour]! ** rush, random)
  const reported = reportedMiles(miles, taxi, random)
  return {
    miles,
    seconds,
    reportedHundredthMiles: wholeMinutes ? Math.round(reported * 10) * 10 : Math.round(reported * 100),
    reportedSeconds: reportedSeconds(seconds, wholeMinutes, random),
    flagDropOnly: false,
  }
}

/** Short trips between two areas differ much in length, long ones little. */
function milesSpread(typicalMiles: number): number {
  if (typicalMiles < 3) return 0.42
  return typicalMiles < 6 ? 0.25 : 0.07
}

/** Time grows with about the square root of the way (2022: 410 s for a mile, 1,560 s for eleven). */
function secondsFor(miles: number, speedFactor: number, random: SeededRandom): number {
  const usual = (410 * miles ** 0.57) / speedFactor
  const highway = miles > 15 ? 0.9 : 1
  const delayed = random.chance(0.03) ? random.between(1.5, 4) : 1
  return Math.max(20, random.around(usual * highway, 0.27) * delayed)
}

function reportedMiles(miles: number, taxi: Taxi, random: SeededRandom): number {
  if (random.chance(ABSURD_MILES)) return random.betweenMagnitudes(100, 3_100)
  const factor = miles < 3 ? 1.2 : miles < 8 ? 1 : 0.35
  if (random.chance(taxi.operator.zeroMiles * factor)) return 0
  if (taxi.operator.wholeMinutes && miles > 8 && random.chance(SLIPPING_METER))
    return miles * random.between(0.048, 0.06)
  return miles
}

function reportedSeconds(seconds: number, wholeMinutes: boolean, random: SeededRandom): number {
  if (random.chance(FORGOTTEN_METER)) return Math.floor(random.betweenMagnitudes(10_800, 86_396))
  return wholeMinutes ? Math.max(1, Math.round(seconds / 60)) * 60 : Math.round(seconds)
}
