import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { FieldType } from '#language/schemas/field-types.ts'

/**
 * A SQL expression and the type of its value. Representation in DuckDB: string, uuid VARCHAR; int INTEGER; long, timestamp (epoch ms)
 * BIGINT; float FLOAT; double DOUBLE; boolean BOOLEAN; date DATE; decimal HUGEINT, unscaled, so that its arithmetic is that of whole
 * numbers and DuckDB's own decimal rules (avg as double, limits of intermediate scales) never matter.
 */
export interface TypedSql {
  readonly sql: string
  readonly type: FieldType
}

export type DecimalType = Extract<FieldType, { kind: 'decimal' }>

export const INT: FieldType = { kind: 'int' }
export const LONG: FieldType = { kind: 'long' }
export const DOUBLE: FieldType = { kind: 'double' }
export const BOOLEAN: FieldType = { kind: 'boolean' }
export const STRING: FieldType = { kind: 'string' }

/** @throws MSB_QUERY_INVALID always: such a plan does not pass the checks of the language */
export function illTyped(what: string): never {
  throw new MysimbdpError('MSB_QUERY_INVALID', `${what} cannot be computed from these types`)
}

export const quoteText = (text: string): string =>
  `'${text.replaceAll("'", "''").replaceAll('\0', "' || chr(0) || '")}'`

export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** 10^exponent as a HUGEINT. */
export const powerOfTen = (exponent: number): string => `CAST(1${'0'.repeat(exponent)} AS HUGEINT)`

export const isBinaryFloat = (type: FieldType): boolean => type.kind === 'float' || type.kind === 'double'
export const isWhole = (type: FieldType): boolean => type.kind === 'int' || type.kind === 'long'
const isNumber = (type: FieldType): boolean => isBinaryFloat(type) || isWhole(type) || type.kind === 'decimal'

/** A whole number or decimal as the decimal it takes part in arithmetic as (rule 4.2). */
export function decimalOf(type: FieldType): DecimalType {
  if (type.kind === 'decimal') return type
  if (!isWhole(type)) return illTyped('a decimal')
  return { kind: 'decimal', precision: type.kind === 'int' ? 10 : 19, scale: 0 }
}

/** The type two values meet in when they are compared or are alternatives of each other. */
export function meetingType(a: FieldType, b: FieldType): FieldType {
  if (a.kind === b.kind && a.kind !== 'decimal') return a
  if (!isNumber(a) || !isNumber(b)) return illTyped('a comparison')
  if (isBinaryFloat(a) || isBinaryFloat(b)) return DOUBLE
  if (isWhole(a) && isWhole(b)) return LONG
  const [x, y] = [decimalOf(a), decimalOf(b)]
  const scale = Math.max(x.scale, y.scale)
  return { kind: 'decimal', precision: Math.max(x.precision - x.scale, y.precision - y.scale) + scale, scale }
}

/** The unscaled value at a scale that is not smaller than its own; null beyond what a HUGEINT holds. */
export function unscaledAt({ sql, type }: TypedSql, scale: number): string {
  const wider = scale - decimalOf(type).scale
  const whole = type.kind === 'decimal' ? sql : `CAST(${sql} AS HUGEINT)`
  return wider === 0 ? whole : `try(${whole} * ${powerOfTen(wider)})`
}

/** The nearest double. A decimal goes through its text, which rounds once. */
export function asDouble({ sql, type }: TypedSql): string {
  if (type.kind === 'double') return sql
  if (type.kind === 'decimal') return `CAST(CAST(${sql} AS VARCHAR) || 'e-${type.scale}' AS DOUBLE)`
  return isNumber(type) ? `CAST(${sql} AS DOUBLE)` : illTyped('a double')
}

/** The same value in a type that holds it. */
export function widen(value: TypedSql, type: FieldType): TypedSql {
  if (type.kind === 'decimal') return { sql: unscaledAt(value, type.scale), type }
  if (value.type.kind === type.kind) return value
  if (type.kind === 'double') return { sql: asDouble(value), type }
  return type.kind === 'long' && value.type.kind === 'int'
    ? { sql: `CAST(${value.sql} AS BIGINT)`, type }
    : illTyped('a wider value')
}
