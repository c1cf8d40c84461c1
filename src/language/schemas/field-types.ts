import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'

/**
 * The types a field can have. Values, where they appear as plain JavaScript (literals, evaluation, results):
 * string, uuid: string; int, float, double, timestamp (epoch ms, UTC), date (days since 1970-01-01): number;
 * long, decimal (unscaled: 12.50 at scale 2 is 1250n): bigint; boolean: boolean; absent: null.
 */
export type FieldType =
  | { readonly kind: 'string' }
  | { readonly kind: 'int' }
  | { readonly kind: 'long' }
  | { readonly kind: 'float' }
  | { readonly kind: 'double' }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'timestamp' }
  | { readonly kind: 'date' }
  | { readonly kind: 'uuid' }

export type TypeKind = FieldType['kind']
export type NumericKind = 'int' | 'long' | 'float' | 'double' | 'decimal'

/** A value of any field type, in the representation that `FieldType` describes. */
export type Value = string | number | bigint | boolean | null

/** The widest decimal a stored field may have: its unscaled value fits in 64 bits. Sums may be wider (38). */
export const DECIMAL_PRECISION_MAX = 18
/** Decimals up to this precision are exact integers in a double. */
export const DECIMAL_PRECISION_SAFE = 15
export const SUM_PRECISION_MAX = 38

export const INT_MIN = -2147483648
export const INT_MAX = 2147483647
export const LONG_MIN = -(2n ** 63n)
export const LONG_MAX = 2n ** 63n - 1n

export const isNumeric = (type: FieldType): boolean =>
  type.kind === 'int' ||
  type.kind === 'long' ||
  type.kind === 'float' ||
  type.kind === 'double' ||
  type.kind === 'decimal'

/** Types whose equality is exact; a double is no group key. */
export const isGroupable = (type: FieldType): boolean => type.kind !== 'float' && type.kind !== 'double'

export function sameType(a: FieldType, b: FieldType): boolean {
  if (a.kind === 'decimal' && b.kind === 'decimal') return a.precision === b.precision && a.scale === b.scale
  return a.kind === b.kind
}

/** How a type is written in messages and in `explain`: `decimal(10, 2)`, `timestamp`. */
export const typeName = (type: FieldType): string =>
  type.kind === 'decimal' ? `decimal(${type.precision}, ${type.scale})` : type.kind

export function decimalType(precision: number, scale: number, precisionMax = DECIMAL_PRECISION_MAX): FieldType {
  const wellFormed =
    Number.isInteger(precision) && Number.isInteger(scale) && precision >= 1 && scale >= 0 && scale <= precision
  if (!wellFormed || precision > precisionMax) {
    throw new MysimbdpError(
      'MSB_SCHEMA_INVALID',
      `decimal(${precision}, ${scale}) is not possible: precision must be 1 to ${precisionMax}, scale 0 to precision`,
    )
  }
  return { kind: 'decimal', precision, scale }
}
