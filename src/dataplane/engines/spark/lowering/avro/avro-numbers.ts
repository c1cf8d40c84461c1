import type { AvroType } from '#language/schemas/avro/avro-type.ts'
import { type FieldType, INT_MAX, INT_MIN } from '#language/schemas/field-types.ts'
import { EXACT, EXACT_SCALE } from '../casts.ts'
import { bind, code, finite, isFiniteNumber, sqlType, tryCast } from '../typed-sql.ts'
import { valueTexts } from '../values-text.ts'
import { decimalLayout } from './scalar-layout.ts'

/** Numbers of a writer as fields that are numbers: what the same number in JSON would give (semantics 1.4, 1.10). */
interface NumberReading {
  readonly value: string
  readonly fault: string
}

const isIn = (given: string, least: string | number, most: string | number): string =>
  `${given} BETWEEN ${least} AND ${most}`

/** Of a BIGINT. */
export function readWholeNumber(given: string, target: FieldType): NumberReading {
  const type = sqlType(target)
  const value =
    target.kind === 'int'
      ? `CASE WHEN ${isIn(given, INT_MIN, INT_MAX)} THEN CAST(${given} AS INT) END`
      : target.kind === 'decimal'
        ? tryCast(given, type)
        : `CAST(${given} AS ${type})`
  return { value, fault: code('out_of_range') }
}

/** Of a decimal, a float or a double. */
export function readNumber(given: string, type: AvroType, target: FieldType): NumberReading {
  const decimal = decimalLayout(type)
  if (decimal !== null) return ofDecimal(given, decimal.scale, target)
  return ofBinary(given, type.kind === 'float' ? 'float' : 'double', target)
}

function ofDecimal(given: string, scale: number, target: FieldType): NumberReading {
  if (target.kind === 'float' || target.kind === 'double')
    return { value: finite(`CAST(${given} AS ${sqlType(target)})`), fault: code('out_of_range') }
  const fits = hasAtMost(given, scale, scaleOf(target))
  return {
    value: `CASE WHEN ${fits} THEN ${tryCast(given, sqlType(target))} END`,
    fault: `CASE WHEN ${fits} THEN ${code('out_of_range')} ELSE ${tooFine(target)} END`,
  }
}

const scaleOf = (target: FieldType): number => (target.kind === 'decimal' ? target.scale : 0)
const tooFine = (target: FieldType): string => code(target.kind === 'decimal' ? 'too_many_decimals' : 'wrong_type')

/** Whether a decimal has no more than so many digits behind the point. */
const hasAtMost = (decimal: string, scale: number, digits: number): string =>
  digits >= scale ? 'true' : `${decimal} <=> ${tryCast(`round(${decimal}, ${digits})`, `DECIMAL(38, ${scale})`)}`

function ofBinary(given: string, kind: 'float' | 'double', target: FieldType): NumberReading {
  switch (target.kind) {
    case 'int':
    case 'long':
      return wholeOfBinary(given, target)
    case 'float':
    case 'double':
      // The addition makes zero of minus zero.
      return {
        value: finite(`CAST(${given} AS ${sqlType(target)}) + CAST(0 AS ${sqlType(target)})`),
        fault: code('out_of_range'),
      }
    default:
      return decimalOfBinary(given, kind, target)
  }
}

/** As doubles: 2^63 is no long, and Spark's cast would make one of it. */
const LONGS = '>= -9223372036854775808D AND x < 9223372036854775808D'

function wholeOfBinary(given: string, target: FieldType): NumberReading {
  const range = target.kind === 'int' ? `BETWEEN ${INT_MIN} AND ${INT_MAX}` : LONGS
  const x = `CAST(${given} AS DOUBLE)`
  return {
    value: bind('x', x, `CASE WHEN x % 1D = 0 AND x ${range} THEN CAST(x AS ${sqlType(target)}) END`),
    fault: `CASE WHEN ${isFiniteNumber(given)} AND ${x} % 1D <> 0 THEN ${code('wrong_type')} ELSE ${code('out_of_range')} END`,
  }
}

/** By the shortest text. What has more digits than `EXACT` does not come back the same. */
function decimalOfBinary(given: string, kind: 'float' | 'double', target: FieldType): NumberReading {
  const exact = `CASE WHEN ${isFiniteNumber(given)} THEN ${tryCast(valueTexts[kind](given), EXACT)} END`
  const isExact = `CAST(e AS ${kind}) = ${given} AND ${hasAtMost('e', EXACT_SCALE, scaleOf(target))}`
  return {
    value: bind('e', exact, `CASE WHEN ${isExact} THEN ${tryCast('e', sqlType(target))} END`),
    fault: bind(
      'e',
      exact,
      `CASE WHEN e IS NULL OR (${isExact}) THEN ${code('out_of_range')} ELSE ${code('too_many_decimals')} END`,
    ),
  }
}
