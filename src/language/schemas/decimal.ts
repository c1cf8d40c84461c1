/** Exact arithmetic on unscaled decimals (12.50 at scale 2 is 1250n) and the texts of numbers. */

export const pow10 = (exponent: number): bigint => 10n ** BigInt(exponent)

const magnitude = (value: bigint): bigint => (value < 0n ? -value : value)

/** `dividend / divisor` to the nearest integer, ties away from zero. `divisor` is positive. */
export function divideHalfAway(dividend: bigint, divisor: bigint): bigint {
  const quotient = (magnitude(dividend) * 2n + divisor) / (divisor * 2n)
  return dividend < 0n ? -quotient : quotient
}

/** The same number at another scale; digits that go are rounded half away from zero. */
export function rescale(unscaled: bigint, fromScale: number, toScale: number): bigint {
  if (toScale >= fromScale) return unscaled * pow10(toScale - fromScale)
  return divideHalfAway(unscaled, pow10(fromScale - toScale))
}

/** The value, or null when it needs more than `precision` digits. */
export const fitPrecision = (unscaled: bigint, precision: number): bigint | null =>
  magnitude(unscaled) < pow10(precision) ? unscaled : null

/** All digits of the scale: (-50n, 2) is "-0.50". */
export function formatDecimal(unscaled: bigint, scale: number): string {
  if (scale === 0) return unscaled.toString()
  const digits = magnitude(unscaled)
    .toString()
    .padStart(scale + 1, '0')
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

export interface ExactNumber {
  readonly unscaled: bigint
  readonly scale: number
}

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/
/** Beyond this an exponent cannot make a storable number; it keeps 1e999999999 from building one. */
const EXPONENT_MAX = 400

/** A decimal number text, exactly, without trailing zeros after the point; null when it is no number or absurdly large or small. */
export function parseExact(text: string): ExactNumber | null {
  const [, sign, whole, decimals = '', exponentText = '0'] = NUMBER.exec(text) ?? []
  if (whole === undefined) return null
  const exponent = Number(exponentText)
  if (Math.abs(exponent) > EXPONENT_MAX) return null
  const fraction = withoutTrailingZeros(decimals)
  let unscaled = BigInt(`${whole}${fraction}`)
  let scale = fraction.length - exponent
  if (scale < 0) {
    unscaled *= pow10(-scale)
    scale = 0
  }
  while (scale > 0 && unscaled % 10n === 0n) {
    unscaled /= 10n
    scale--
  }
  return { unscaled: sign === '-' ? -unscaled : unscaled, scale }
}

/** Taken off the text: a number of a million zeros would keep a loop of divisions busy for minutes. */
function withoutTrailingZeros(digits: string): string {
  let end = digits.length
  while (end > 0 && digits[end - 1] === '0') end--
  return digits.slice(0, end)
}

/** Nearest double of an exact decimal. */
export const toDouble = (unscaled: bigint, scale: number): number =>
  scale === 0 ? Number(unscaled) : Number(`${unscaled}e-${scale}`)

/** Half up in magnitude on the shortest decimal text of the double: (1.005, 2) is 1.01. */
export function roundDouble(value: number, digits: number): number {
  const exact = parseExact(String(value))
  if (exact === null || exact.scale <= digits) return value
  return toDouble(rescale(exact.unscaled, exact.scale, digits), digits)
}
