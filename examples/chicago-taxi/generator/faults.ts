import { SeededRandom, seedFrom } from '../../sampling/seeded-random.ts'

/** What goes wrong with real feeds. Each takes a good trip's JSON and gives what arrives instead. */
const faults = {
  /** A source that writes money as text: `"$12.50"`. */
  fareAsText: (json: string): string =>
    json.replace(/"fare":(\d+\.\d\d|null)/, (_, fare) => `"fare":"$${fare === 'null' ? '12.50' : fare}"`),
  /** A connection that broke while the record was on its way. */
  cutLine: (json: string): string => json.slice(0, Math.floor(json.length * 0.6)),
  /** A mapping that was forgotten: the portal's column names instead of the fields. */
  portalNames: (json: string): string =>
    json
      .replace('"trip_id"', '"Trip ID"')
      .replace('"fare"', '"Fare"')
      .replace('"trip_total"', '"Trip Total"')
      .replace('"payment_type"', '"Payment Type"'),
  noEventTime: (json: string): string => json.replace(/"event_timestamp":\d+/, '"event_timestamp":null'),
  /** A date that does not exist. */
  impossibleTime: (json: string): string =>
    json.replace(/"event_timestamp":\d+/, '"event_timestamp":"2024-02-30T25:61:00"'),
} as const

export type FaultKind = keyof typeof faults

/** In the order in which they are planted, over and over. */
export const faultKinds = Object.keys(faults) as readonly FaultKind[]

export const spoil = (kind: FaultKind, json: string): string => faults[kind](json)

/** Says for the trips of a sample, one after the other, whether a faulty record follows: `share` of them, chosen by the seed. */
export class FaultPlan {
  readonly #random: SeededRandom
  readonly #share: number
  #planted = 0

  constructor(seed: number, share: number) {
    this.#random = new SeededRandom(seedFrom('faults', seed))
    this.#share = share
  }

  /** To be called once for each trip, in order. */
  next(): FaultKind | null {
    if (!this.#random.chance(this.#share)) return null
    return faultKinds[this.#planted++ % faultKinds.length]!
  }
}

/** How many faulty records a sample of `records` trips has besides those. */
export function plantedFaults({
  records,
  seed,
  faults: share,
}: {
  readonly records: number
  readonly seed: number
  readonly faults: number
}): number {
  const plan = new FaultPlan(seed, share)
  let planted = 0
  for (let sequence = 0; sequence < records; sequence++) if (plan.next() !== null) planted++
  return planted
}
