/** The middle one of the samples, or the mean of the two in the middle. */
export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Of values, one for each record or request. */
export interface Percentiles {
  readonly p50: number
  readonly p99: number
  readonly p999: number
}

export function percentilesOf(values: readonly number[]): Percentiles {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1]!
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999) }
}

/** How far apart samples lie, relative to their median: (greatest - least) / median. 0 for a single one. */
export function relativeSpread(samples: readonly number[]): number {
  const middle = median(samples)
  return middle === 0 ? 0 : (Math.max(...samples) - Math.min(...samples)) / Math.abs(middle)
}

/** A size of input and what it took. */
export interface Point {
  readonly records: number
  readonly cost: number
}

/** Cost of one more record, which leaves out what starting takes. @throws Error when the points have the same size */
export function slope(small: Point, large: Point): number {
  if (small.records === large.records) throw new Error('a slope needs inputs of two sizes')
  return (large.cost - small.cost) / (large.records - small.records)
}
