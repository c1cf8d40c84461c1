import { type FieldType, INT_MAX, INT_MIN, LONG_MAX, LONG_MIN } from '#language/schemas/field-types.ts'
import { nearestFloat } from './nearest-float.ts'
import { accept, type Reading, refuse } from './reading.ts'

/** Numbers by semantics 1.4, from the text of a JSON number. Exact, and safe for texts of any length. */

const JSON_NUMBER = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/
/** Instants of the years 0001 to 9999. */
const EPOCH_MS_MIN = -62_135_596_800_000n
const EPOCH_MS_MAX = 253_402_300_799_999n

/** digits * 10^exponent; `digits` has no zero at either end and is empty for zero. */
interface DecimalText {
  readonly negative: boolean
  readonly digits: string
  readonly exponent: number
}

export const isNumberText = (text: string): boolean => JSON_NUMBER.test(text)

export function readNumber(text: string, type: FieldType): Reading {
  const number = parseDecimalText(text)
  if (number === undefined) return refuse('wrong_type')
  switch (type.kind) {
    case 'int':
      return readWhole(number, BigInt(INT_MIN), BigInt(INT_MAX), Number)
    case 'long':
      return readWhole(number, LONG_MIN, LONG_MAX, (value) => value)
    case 'decimal':
      return readDecimal(number, type.precision, type.scale)
    case 'timestamp':
      return readEpochMs(number)
    case 'double':
      return finite(Number(text))
    case 'float':
      return finite(nearestFloat(text))
    default:
      return refuse('wrong_type')
  }
}

function parseDecimalText(text: string): DecimalText | undefined {
  const [, sign, whole, fraction = '', exponentText = '0'] = JSON_NUMBER.exec(text) ?? []
  if (whole === undefined) return undefined
  const all = whole + fraction
  let start = 0
  let end = all.length
  while (start < end && all[start] === '0') start++
  while (end > start && all[end - 1] === '0') end--
  const exponent = Number(exponentText) - fraction.length + (all.length - end)
  return { negative: sign === '-', digits: all.slice(start, end), exponent: start === end ? 0 : exponent }
}

const toBigInt = ({ negative, digits }: DecimalText, zeros: number): bigint => {
  const magnitude = BigInt(digits + '0'.repeat(zeros))
  return negative ? -magnitude : magnitude
}

function readWhole(
  number: DecimalText,
  least: bigint,
  most: bigint,
  keep: (value: bigint) => number | bigint,
): Reading {
  if (number.exponent < 0) return refuse('wrong_type')
  if (number.digits.length + number.exponent > String(most).length) return refuse('out_of_range')
  const value = toBigInt(number, number.exponent)
  return value >= least && value <= most ? accept(keep(value)) : refuse('out_of_range')
}

function readDecimal(number: DecimalText, precision: number, scale: number): Reading {
  if (-number.exponent > scale) return refuse('too_many_decimals')
  const wholeDigits = number.digits.length + number.exponent
  if (number.digits !== '' && wholeDigits > precision - scale) return refuse('out_of_range')
  return accept(number.digits === '' ? 0n : toBigInt(number, number.exponent + scale))
}

function readEpochMs(number: DecimalText): Reading {
  const reading = readWhole(number, EPOCH_MS_MIN, EPOCH_MS_MAX, Number)
  return reading.fault === 'out_of_range' ? refuse('invalid_time') : reading
}

const finite = (value: number): Reading => (Number.isFinite(value) ? accept(value) : refuse('out_of_range'))
