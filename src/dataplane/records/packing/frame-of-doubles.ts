import { EMPTY_FRAME, type Frame, frameOf } from './frame.ts'

/** Decimals that doubles are tried with, at most: what people write down has few. */
const DECIMALS_MAX = 10
const POWERS = Float64Array.from({ length: DECIMALS_MAX + 1 }, (_, decimals) => 10 ** decimals)

/** Added to a number below 2^51 and taken away again it leaves the nearest whole number: doubles of that size have no fraction. */
export const ROUNDER = 1.5 * 2 ** 52
const ROUNDED_MAX = 2 ** 51

let present = new Float64Array(0)
const range = { least: 0, greatest: 0 }

/**
 * How doubles can be packed so that they come back bit for bit: as whole numbers, or counted in tenths, hundredths and so on. Undefined where
 * that would lose anything. Where `nulls` is 1 a value does not count.
 */
export function frameOfDoubles(values: Float64Array, nulls: Uint8Array | null): Frame | undefined {
  const count = nulls === null ? values.length : keepPresent(values, nulls)
  if (count === 0) return EMPTY_FRAME
  const counted = nulls === null ? values : present
  let row = rangeOfWholes(counted, count)
  let parts = 1
  for (let decimals = 0; row < count; row = rangeInParts(counted, count, parts)) {
    do if (++decimals > DECIMALS_MAX) return undefined
    while (!isWholeIn(counted[row], POWERS[decimals]))
    parts = POWERS[decimals]
  }
  const { least, greatest } = range
  const limit = parts === 1 ? Number.MAX_SAFE_INTEGER : ROUNDED_MAX
  return least >= -limit && greatest <= limit ? frameOf(least, greatest, parts) : undefined
}

/** Copies the values that are not null to the front of `present`; answers how many. */
function keepPresent(values: Float64Array, nulls: Uint8Array): number {
  if (present.length < values.length) present = new Float64Array(values.length)
  const target = present
  let count = 0
  for (let row = 0; row < values.length; row++) {
    target[count] = values[row]
    count += 1 - nulls[row]
  }
  return count
}

/** Finds the range; answers the first row whose value is not whole, or is -0, and `count` when there is none. */
function rangeOfWholes(values: Float64Array, count: number): number {
  let least = Infinity
  let greatest = -Infinity
  for (let row = 0; row < count; row++) {
    const value = values[row]
    if (value !== Math.floor(value) || Object.is(value, -0)) return row
    if (value < least) least = value
    if (value > greatest) greatest = value
  }
  range.least = least
  range.greatest = greatest
  return count
}

/** The same for values counted in parts. */
function rangeInParts(values: Float64Array, count: number, parts: number): number {
  let least = Infinity
  let greatest = -Infinity
  for (let row = 0; row < count; row++) {
    const value = values[row]
    const whole = value * parts + ROUNDER - ROUNDER
    if (whole / parts !== value || Object.is(value, -0)) return row
    if (whole < least) least = whole
    if (whole > greatest) greatest = whole
  }
  range.least = least
  range.greatest = greatest
  return count
}

const isWholeIn = (value: number, parts: number): boolean =>
  (value * parts + ROUNDER - ROUNDER) / parts === value && !Object.is(value, -0)
