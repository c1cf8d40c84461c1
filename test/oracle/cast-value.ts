import type { FieldType } from '#language/schemas/field-types.ts'
import {
  exactDouble,
  exactValue,
  finite,
  fitDigits,
  fitWhole,
  isJsonNumber,
  isWholeNumber,
  parseNumber,
  type Rational,
  rational,
  roundToScale,
  toDouble,
  truncate,
} from './exact-number.ts'
import { DAY_MS } from './local-time.ts'
import { nearestFloat } from './nearest-float.ts'
import { isPossibleTime, readDate, readTime, readUuid } from './read-text.ts'
import { isBinary, isNumber, isWhole, type OracleValue, type Typed } from './typed-value.ts'
import { plainText } from './value-text.ts'

/** Rule 4.6: null where the value does not fit; an error for a pair that no query may have. */
export function castValue(from: Typed, type: FieldType): Typed {
  return { type, value: from.value === null ? null : converted(from, type) }
}

function converted(from: Typed, type: FieldType): OracleValue {
  if (type.kind === 'string') return plainText(from)
  if (from.type.kind === 'string') return fromString((from.value as string).replace(/^ +| +$/g, ''), type)
  if (isNumber(type)) return toNumber(from, type)
  if (type.kind === 'boolean' && isNumber(from.type)) return toDouble(from.value, from.type) !== 0
  if (type.kind === 'date' && from.type.kind === 'timestamp') return Math.floor((from.value as number) / DAY_MS)
  if (type.kind === 'timestamp' && from.type.kind === 'date') return (from.value as number) * DAY_MS
  if (type.kind === 'timestamp' && from.type.kind === 'long') {
    const ms = Number(from.value)
    return isPossibleTime(ms) ? ms : null
  }
  if (type.kind === from.type.kind) return from.value
  throw new Error(`no cast from ${from.type.kind} to ${type.kind}`)
}

function toNumber(from: Typed, type: FieldType): OracleValue {
  if (from.type.kind === 'boolean') return fromExact(rational(from.value === true ? 1n : 0n), type)
  if (from.type.kind === 'timestamp' && type.kind === 'long') return BigInt(from.value as number)
  if (!isNumber(from.type)) throw new Error(`no cast from ${from.type.kind} to ${type.kind}`)
  if (isBinary(type)) {
    const double = toDouble(from.value, from.type)
    return finite(type.kind === 'float' ? Math.fround(double) : double)
  }
  if (!isBinary(from.type)) return fromExact(exactValue(from.value, from.type), type)
  return fromExact(isWhole(type) ? exactDouble(from.value as number) : parseNumber(plainText(from)), type)
}

/** int and long are cut towards zero, decimals rounded half away from it. */
function fromExact(exact: Rational, type: FieldType): OracleValue {
  if (isWhole(type)) return fitWhole(truncate(exact), type)
  if (type.kind === 'decimal') return fitDigits(roundToScale(exact, type.scale), type.precision)
  return finite(Number(exact.numerator))
}

/** The text forms of rule 1.4. */
function fromString(text: string, type: FieldType): OracleValue {
  switch (type.kind) {
    case 'boolean': {
      const lower = text.toLowerCase()
      return lower === 'true' ? true : lower === 'false' ? false : null
    }
    case 'uuid':
      return readUuid(text)
    case 'date':
      return readDate(text)
    case 'timestamp': {
      const time = readTime(text, 'UTC')
      return typeof time === 'string' ? null : time.ms
    }
    case 'string':
      return text
    default:
      return isJsonNumber(text) ? numberFromText(text, type) : null
  }
}

/** Whole numbers only for int and long, as in JSON; a decimal is rounded to its scale. */
function numberFromText(text: string, type: FieldType): OracleValue {
  if (isBinary(type)) return finite(type.kind === 'float' ? nearestFloat(text) : Number(text))
  const exact = parseNumber(text)
  return isWhole(type) && !isWholeNumber(exact) ? null : fromExact(exact, type)
}
