import type { SeededRandom } from '../../sampling/seeded-random.ts'
import { extrasChoice } from './extras-choice.ts'
import type { PaymentType } from './fleet.ts'
import type { Journey } from './journey.ts'

/** What a trip costs, in cents. */
export interface Charges {
  readonly fare: number
  readonly tips: number
  readonly tolls: number
  readonly extras: number
  /** The four, and a fee that is in no column. */
  readonly total: number
}

/** The fees that `trip_total` holds and no column names, in cents; almost always the first. */
export const hiddenFees: readonly number[] = [50, 250, 300, 100, 195]

const FLAG_DROP = 325
const FARE_GRID = 25
const HUGE_FARE = 0.0003
const ZERO_FARE = 0.0009
const TIP_MAX = 40_000
const TOLL = 0.0022
const tollAmounts: readonly number[] = [100, 100, 100, 200, 200, 190, 190, 150, 450, 600]
/** Share of the trips with the hidden fee; whole-minute meters never have it. */
const feeShares: Partial<Record<PaymentType, number>> = { 'Credit Card': 0.875, Mobile: 0.36, Cash: 0.011 }
const OTHER_FEE = 0.015

export function chargesOf(
  journey: Journey,
  payment: PaymentType,
  fromAirport: boolean,
  wholeMinutes: boolean,
  random: SeededRandom,
): Charges {
  const fare = fareOf(journey, payment, random)
  const extras = extrasChoice(payment, fromAirport).pick(random)(random)
  const tolls = random.chance(TOLL) ? tollAmounts[Math.floor(random.fraction() * tollAmounts.length)]! : 0
  const fee = wholeMinutes || !random.chance(feeShares[payment] ?? 0) ? 0 : hiddenFee(random)
  const tips = Math.min(TIP_MAX, tipOf(fare, fare + extras + fee, payment, random))
  return { fare, tips, tolls, extras, total: fare + tips + tolls + extras + fee }
}

function hiddenFee(random: SeededRandom): number {
  if (!random.chance(OTHER_FEE)) return hiddenFees[0]!
  return hiddenFees[1 + Math.floor(random.fraction() * (hiddenFees.length - 1))]!
}

function fareOf(journey: Journey, payment: PaymentType, random: SeededRandom): number {
  if (random.chance(ZERO_FARE)) return 0
  if (random.chance(HUGE_FARE)) return onGrid(random.betweenMagnitudes(15_000, 999_975))
  if (journey.flagDropOnly) return FLAG_DROP
  return payment === 'Mobile' ? upfrontPrice(journey, random) : meteredFare(journey)
}

const onGrid = (cents: number): number => Math.floor(cents / FARE_GRID) * FARE_GRID

/** The meter: 0.25 for each ninth of a mile, and for each 36 s that the taxi waits. */
function meteredFare({ miles, seconds }: Journey): number {
  const waitingSeconds = Math.max(0, 0.25 * seconds - 8 * miles)
  return FLAG_DROP + FARE_GRID * (Math.floor(miles * 9) + Math.floor(waitingSeconds / 36))
}

/** Apps quote a price beforehand: 9.00 or 8.00 for a short way, else to the cent. */
function upfrontPrice(journey: Journey, random: SeededRandom): number {
  const kind = random.fraction()
  if (kind < 0.08) return meteredFare(journey)
  if (journey.miles < 1.8 && kind < 0.72) return kind < 0.54 ? 900 : 800
  return Math.round(random.around(465 + 215 * journey.miles + journey.seconds / 30, 0.05))
}

/** Only cards and apps know the tip. */
function tipOf(fare: number, charged: number, payment: PaymentType, random: SeededRandom): number {
  switch (payment) {
    case 'Credit Card':
      return random.chance(0.93) ? cardTip(fare, charged, random) : 0
    case 'Mobile':
      return random.chance(0.845) ? appTip(fare, random) : 0
    case 'Prcard':
      return random.chance(0.048) ? prepaidTip(fare, random) : 0
    case 'Cash':
      return random.chance(0.001) ? wholeDollars(random) : 0
    default:
      return 0
  }
}

const share = (cents: number, percent: number): number => Math.round((cents * percent) / 100)

const wholeDollars = (random: SeededRandom): number => 100 * Math.max(1, Math.round(random.around(2.4, 0.5)))

/** The terminal offers shares of what is charged; on short trips most people round to whole dollars. */
function cardTip(fare: number, charged: number, random: SeededRandom): number {
  if (random.chance(0.004)) return share(fare, random.between(100, 200))
  if (random.chance(fare < 1_500 ? 0.55 : 0.1))
    return fare < 3_000 ? wholeDollars(random) : 100 * Math.round(random.around(8, 0.3))
  const kind = random.fraction()
  if (kind < 0.56) return share(charged, 20)
  if (kind < 0.73) return share(charged, 25)
  if (kind < 0.82) return share(charged, 15)
  return kind < 0.88 ? share(charged, 30) : share(charged, random.between(8, 40))
}

/** The app adds its 15 % to shares of 20, 15 and 10 %. */
function appTip(fare: number, random: SeededRandom): number {
  const kind = random.fraction()
  if (kind < 0.5) return share(fare, 23)
  if (kind < 0.65) return share(fare, 17.25)
  if (kind < 0.75) return share(fare, 11.5)
  return kind < 0.87 ? share(fare, 20) : wholeDollars(random)
}

function prepaidTip(fare: number, random: SeededRandom): number {
  if (random.chance(0.4)) return random.chance(0.75) ? 7 : 9
  return random.chance(0.4) ? share(fare, 25.4) : wholeDollars(random)
}
