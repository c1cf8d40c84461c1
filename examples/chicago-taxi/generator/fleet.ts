import { SeededRandom } from '../../sampling/seeded-random.ts'
import { WeightedChoice } from '../../sampling/weighted-choice.ts'
import { companies, type Payments, paymentTypes } from './figures/companies.ts'

/** The pool of taxis is the same on every day and for every seed. */
const FLEET_SEED = 1_837
/** Some taxis drive much more than others: median 8 to 10 trips a day, the busiest 28 to 47. */
const ACTIVITY_SPREAD = 0.55
const NO_CHARGE_SHARE = 0.0019
const DISPUTE_SHARE = 0.0005

export type PaymentType = (typeof paymentTypes)[number] | 'No Charge' | 'Dispute'

export interface Operator {
  readonly name: string
  /** Its meters report whole minutes and tenths of a mile, not seconds and hundredths. */
  readonly wholeMinutes: boolean
  /** Share of its trips that report zero miles, and zero seconds. */
  readonly zeroMiles: number
  readonly zeroSeconds: number
  readonly payments: {
    readonly shorter: WeightedChoice<PaymentType>
    readonly longer: WeightedChoice<PaymentType>
    readonly fromAirport: WeightedChoice<PaymentType>
  }
}

export interface Taxi {
  /** 128 hexadecimal digits. */
  readonly id: string
  readonly operator: Operator
}

/** About 1,700 taxis of the city's companies. */
export class Fleet {
  readonly #taxis: WeightedChoice<Taxi>

  constructor() {
    const random = new SeededRandom(FLEET_SEED)
    const taxis: Taxi[] = []
    const weights: number[] = []
    for (const [name, share, count, meter, zeroMiles, zeroSeconds, shorter, longer, fromAirport] of companies) {
      const payments = {
        shorter: paymentChoice(shorter),
        longer: paymentChoice(longer),
        fromAirport: paymentChoice(fromAirport),
      }
      const operator = { name, wholeMinutes: meter === 'whole', zeroMiles, zeroSeconds, payments }
      const activity = Array.from({ length: count }, () => random.around(1, ACTIVITY_SPREAD))
      const total = activity.reduce((sum, part) => sum + part, 0)
      for (const part of activity) {
        taxis.push({ id: random.hex(16), operator })
        weights.push((share * part) / total)
      }
    }
    this.#taxis = new WeightedChoice(taxis, weights)
  }

  taxi(random: SeededRandom): Taxi {
    return this.#taxis.pick(random)
  }
}

function paymentChoice(payments: Payments): WeightedChoice<PaymentType> {
  const total = payments.reduce((sum, share) => sum + share, 0)
  return new WeightedChoice<PaymentType>(
    [...paymentTypes, 'No Charge', 'Dispute'],
    [...payments, total * NO_CHARGE_SHARE, total * DISPUTE_SHARE],
  )
}
