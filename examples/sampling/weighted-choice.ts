import type { SeededRandom } from './seeded-random.ts'

/** Picks items with given weights in constant time (alias method). */
export class WeightedChoice<T> {
  readonly #items: readonly T[]
  /** Slot i keeps its own item up to this fraction, and gives another one above. */
  readonly #keepBelow: number[]
  readonly #others: number[]

  constructor(items: readonly T[], weights: readonly number[]) {
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    if (items.length !== weights.length || !(total > 0))
      throw new RangeError('a choice needs a weight for each item, and one above zero')
    this.#items = items
    this.#keepBelow = weights.map((weight) => (weight / total) * items.length)
    this.#others = items.map((_, index) => index)
    this.#level()
  }

  /** Fills each slot below the average from one above it, until all hold the same weight. */
  #level(): void {
    const keep = this.#keepBelow
    const poor = [...keep.keys()].filter((index) => keep[index]! < 1)
    const rich = [...keep.keys()].filter((index) => keep[index]! >= 1)
    while (poor.length > 0 && rich.length > 0) {
      const taker = poor.pop()!
      const giver = rich.at(-1)!
      this.#others[taker] = giver
      keep[giver]! -= 1 - keep[taker]!
      if (keep[giver]! < 1) poor.push(rich.pop()!)
    }
    // What is left over is one but for rounding.
    for (const index of [...poor, ...rich]) keep[index] = 1
  }

  pick(random: SeededRandom): T {
    const point = random.fraction() * this.#items.length
    const slot = Math.floor(point)
    return this.#items[point - slot < this.#keepBelow[slot]! ? slot : this.#others[slot]!]!
  }
}
