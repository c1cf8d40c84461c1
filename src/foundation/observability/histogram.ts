/** How often a value fell into which bucket; plain data that can be sent between threads. */
export interface HistogramData {
  /** Upper ends of the buckets, ascending; above the last one there is another bucket. */
  readonly bounds: readonly number[]
  /** Values in each bucket, each counted in one bucket only: one more than `bounds`. */
  readonly counts: readonly number[]
  readonly sum: number
}

/** Seconds, about three buckets for each power of ten, from 0.5 ms to one minute. */
export const SECONDS_BUCKETS: readonly number[] = [
  0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60,
]

export class Histogram {
  readonly #bounds: readonly number[]
  readonly #counts: number[]
  #sum = 0

  /** @param bounds upper ends of the buckets, ascending; a value equal to one is in its bucket */
  constructor(bounds: readonly number[] = SECONDS_BUCKETS) {
    this.#bounds = bounds
    this.#counts = new Array<number>(bounds.length + 1).fill(0)
  }

  /** @param weight how often the value occurred */
  observe(value: number, weight = 1): void {
    const bucket = this.#bounds.findIndex((bound) => value <= bound)
    this.#counts[bucket < 0 ? this.#bounds.length : bucket]! += weight
    this.#sum += value * weight
  }

  get data(): HistogramData {
    return { bounds: this.#bounds, counts: [...this.#counts], sum: this.#sum }
  }
}

export const valueCount = ({ counts }: HistogramData): number => counts.reduce((sum, count) => sum + count, 0)

/**
 * The value that this share of all values does not exceed, as far as the buckets tell: the upper end of the bucket it is in, Infinity above the
 * last; null for no values.
 */
export function quantile(histogram: HistogramData, share: number): number | null {
  const wanted = valueCount(histogram) * share
  if (wanted === 0) return null
  let seen = 0
  for (const [bucket, count] of histogram.counts.entries()) {
    seen += count
    if (seen >= wanted) return histogram.bounds[bucket] ?? Number.POSITIVE_INFINITY
  }
  return null
}
