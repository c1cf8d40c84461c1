import type { FieldType } from '#language/schemas/field-types.ts'

/**
 * Values of the oracle: int, long: bigint; decimal: unscaled bigint; float, double, timestamp (epoch ms), date (days
 * since 1970-01-01): number; string, uuid: string; boolean. The type goes with the value, also with null.
 */
export type OracleValue = string | number | bigint | boolean | null

export interface Typed {
  readonly type: FieldType
  readonly value: OracleValue
}

/** The columns of one record, by name. */
export type Row = Readonly<Record<string, Typed>>

export const INT: FieldType = { kind: 'int' }
export const LONG: FieldType = { kind: 'long' }
export const DOUBLE: FieldType = { kind: 'double' }
export const BOOLEAN: FieldType = { kind: 'boolean' }
export const STRING: FieldType = { kind: 'string' }

export const isBinary = (type: FieldType): boolean => type.kind === 'float' || type.kind === 'double'
export const isWhole = (type: FieldType): boolean => type.kind === 'int' || type.kind === 'long'
export const isNumber = (type: FieldType): boolean => isBinary(type) || isWhole(type) || type.kind === 'decimal'

/** Rule 4.2: with a decimal, an int counts as decimal(10, 0), a long as decimal(19, 0). */
export function asDecimal(type: FieldType): { readonly precision: number; readonly scale: number } {
  if (type.kind === 'decimal') return type
  return { precision: type.kind === 'int' ? 10 : 19, scale: 0 }
}

export const decimalOf = (precision: number, scale: number): FieldType => ({ kind: 'decimal', precision, scale })

/** The type that holds the values of both sides of a `case` or `coalesce`. */
export function commonType(a: FieldType, b: FieldType): FieldType {
  if (a.kind === b.kind && a.kind !== 'decimal') return a
  if (!isNumber(a) || !isNumber(b)) throw new Error(`no type holds both ${a.kind} and ${b.kind}`)
  if (isBinary(a) || isBinary(b)) return DOUBLE
  if (isWhole(a) && isWhole(b)) return LONG
  const [x, y] = [asDecimal(a), asDecimal(b)]
  const scale = Math.max(x.scale, y.scale)
  return decimalOf(Math.max(x.precision - x.scale, y.precision - y.scale) + scale, scale)
}
