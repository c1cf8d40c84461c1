import type { SeededRandom } from '../../sampling/seeded-random.ts'
import { WeightedChoice } from '../../sampling/weighted-choice.ts'
import type { PaymentType } from './fleet.ts'

/**
 * Extras in dollars with their weights in thousandths, computed from public data of the City of Chicago
 * (www.cityofchicago.org, two days of 2022); no row of it is here. `large` stands for 10 to 60 dollars in steps of 0.50.
 */
interface Extras {
  readonly amounts: readonly (readonly [dollars: number, weight: number])[]
  readonly large: number
}

const nothing: Extras = { amounts: [[0, 1]], large: 0 }

// biome-ignore format: one payment type a line
const elsewhere: Partial<Record<PaymentType, Extras>> = {
  Cash: { amounts: [[0, 766], [1, 109], [4, 26], [1.5, 24], [2, 19], [5, 12], [0.5, 9], [2.5, 5], [3, 4], [5.5, 4], [6, 4], [4.5, 2]], large: 9 },
  'Credit Card': { amounts: [[0, 592], [1, 125], [4, 113], [5, 40], [1.5, 25], [2, 22], [4.5, 9], [5.5, 8], [0.5, 5], [2.5, 5], [6, 5], [3, 3]], large: 34 },
  Mobile: { amounts: [[0, 959], [4, 14], [1, 13], [1.5, 3], [5, 3], [4.5, 2], [5.5, 1], [2, 1]], large: 2 },
  Prcard: { amounts: [[0, 951], [1, 38], [1.5, 4], [0.5, 4], [5, 1], [4, 1]], large: 1 },
  Unknown: { amounts: [[0, 951], [1, 42], [1.5, 2], [4, 1], [6, 1]], large: 1 },
}

// biome-ignore format: one payment type a line
const atTheAirport: Partial<Record<PaymentType, Extras>> = {
  Cash: { amounts: [[4, 334], [5, 212], [0, 139], [6, 60], [5.5, 34], [4.5, 32], [7, 32], [6.5, 14], [8, 10], [7.5, 9], [9, 8]], large: 83 },
  'Credit Card': { amounts: [[4, 547], [5, 167], [5.5, 39], [6, 31], [4.5, 27], [7, 14], [0, 11], [6.5, 10], [8, 7]], large: 132 },
  Mobile: { amounts: [[4, 567], [5, 221], [4.5, 67], [6, 38], [5.5, 29], [0, 19]], large: 38 },
  Prcard: { amounts: [[0, 929], [4, 71]], large: 0 },
}

/** Gives an amount in cents. */
type Amount = (random: SeededRandom) => number

const largeAmount: Amount = (random) => 50 * Math.floor(random.betweenMagnitudes(20, 120))

const choiceOf = ({ amounts, large }: Extras): WeightedChoice<Amount> =>
  new WeightedChoice<Amount>(
    [
      largeAmount,
      ...amounts.map(
        ([dollars]): Amount =>
          () =>
            dollars * 100,
      ),
    ],
    [large, ...amounts.map(([, weight]) => weight)],
  )

const choicesOf = (table: Partial<Record<PaymentType, Extras>>): ReadonlyMap<string, WeightedChoice<Amount>> =>
  new Map(Object.entries(table).map(([payment, extras]) => [payment, choiceOf(extras)]))

const noExtras = choiceOf(nothing)
const airportChoices = choicesOf(atTheAirport)
const otherChoices = choicesOf(elsewhere)

/** What is charged besides the fare: airport fees, further passengers, luggage. */
export const extrasChoice = (payment: PaymentType, fromAirport: boolean): WeightedChoice<Amount> =>
  (fromAirport ? airportChoices : otherChoices).get(payment) ?? noExtras
