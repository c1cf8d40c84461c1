import type { FieldType } from '#language/schemas/field-types.ts'
import type { OracleValue } from './typed-value.ts'

/** An exact number: `numerator / denominator`, denominator positive. Slow, and never wrong by rounding. */
export interface Rational {
  readonly numerator: bigint
  readonly denominator: bigint
}

export const power = (exponent: number): bigint => 10n ** BigInt(exponent)
const absolute = (value: bigint): bigint => (value < 0n ? -value : value)

export const rational = (numerator: bigint, denominator = 1n): Rational => ({ numerator, denominator })

/** Half away from zero, to `scale` decimals: the unscaled value. */
export function roundToScale(value: Rational, scale: number): bigint {
  const scaled = absolute(value.numerator) * power(scale)
  const whole = scaled / value.denominator
  const rest = scaled % value.denominator
  const rounded = rest * 2n >= value.denominator ? whole + 1n : whole
  return value.numerator < 0n ? -rounded : rounded
}

export const isWholeNumber = (value: Rational): boolean => value.numerator % value.denominator === 0n
export const truncate = (value: Rational): bigint => value.numerator / value.denominator
export const floorOf = (value: Rational): bigint => {
  const cut = truncate(value)
  return value.numerator < 0n && !isWholeNumber(value) ? cut - 1n : cut
}

const JSON_NUMBER = /^(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/

export const isJsonNumber = (text: string): boolean => JSON_NUMBER.test(text)

/** Exponents are cut at this size: no type of ours holds such a number, and 10^1000000000 fits in no memory. */
const EXPONENT_LIMIT = 2000

/** The exact value of a JSON number. */
export function parseNumber(text: string): Rational {
  const match = JSON_NUMBER.exec(text)
  if (match === null) throw new Error(`'${text}' is no JSON number`)
  const [, sign, whole, fraction = '', exponentText = '0'] = match
  const digits = BigInt(`${whole}${fraction}`) * (sign === '-' ? -1n : 1n)
  if (digits === 0n) return rational(0n)
  const exponent = Math.max(-EXPONENT_LIMIT, Math.min(EXPONENT_LIMIT, Number(exponentText)))
  const shift = exponent - fraction.length
  return shift >= 0 ? rational(digits * power(shift)) : rational(digits, power(-shift))
}

/** The exact value of a finite double. */
export function exactDouble(value: number): Rational {
  let numerator = value
  let denominator = 1n
  while (!Number.isInteger(numerator)) {
    numerator *= 2
    denominator *= 2n
  }
  return rational(BigInt(numerator), denominator)
}

/** The exact value a double's shortest decimal text stands for. */
export const shortestDecimal = (value: number): Rational => parseNumber(String(value))

export const INT_RANGE = [-(2n ** 31n), 2n ** 31n - 1n] as const
export const LONG_RANGE = [-(2n ** 63n), 2n ** 63n - 1n] as const

/** null when a whole number leaves the range of int or long. */
export function fitWhole(value: bigint, type: FieldType): bigint | null {
  const [least, most] = type.kind === 'int' ? INT_RANGE : LONG_RANGE
  return value >= least && value <= most ? value : null
}

/** null when the unscaled value has more digits than the precision. */
export const fitDigits = (unscaled: bigint, precision: number): bigint | null =>
  absolute(unscaled) < power(precision) ? unscaled : null

export const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)

/** Exact value of an int, long or decimal. */
export function exactValue(value: OracleValue, type: FieldType): Rational {
  return rational(value as bigint, type.kind === 'decimal' ? power(type.scale) : 1n)
}

export function decimalText(unscaled: bigint, scale: number): string {
  const digits = absolute(unscaled)
    .toString()
    .padStart(scale + 1, '0')
  const sign = unscaled < 0n ? '-' : ''
  return scale === 0 ? `${sign}${digits}` : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

/** Any number as the nearest double. */
export function toDouble(value: OracleValue, type: FieldType): number {
  if (typeof value === 'number') return value
  return type.kind === 'decimal' ? Number(decimalText(value as bigint, type.scale)) : Number(value)
}

/** Rule 4.4: half up in magnitude on the shortest decimal text. */
export const roundDouble = (value: number, digits: number): number =>
  Number(decimalText(roundToScale(shortestDecimal(value), digits), digits))

/** Compensated (Neumaier) summation; null when the result is not finite. */
export function sumDoubles(values: readonly number[]): number | null {
  let sum = 0
  let compensation = 0
  for (const value of values) {
    const next = sum + value
    compensation += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum
    sum = next
  }
  return finite(sum + compensation)
}
