import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { FieldType, TypeKind } from '#language/schemas/field-types.ts'
import type { RejectionCode } from '../../../records/record-batch.ts'

/**
 * An expression of Spark SQL and the type of its value. Representation in Spark: string, uuid STRING; int INT; long, timestamp (epoch ms) BIGINT;
 * float FLOAT; double DOUBLE, always finite; boolean BOOLEAN; date DATE; decimal(p, s) DECIMAL(p, s).
 */
export interface TypedSql {
  readonly sql: string
  readonly type: FieldType
}

export type DecimalType = Extract<FieldType, { kind: 'decimal' }>

const sqlTypes: { readonly [K in TypeKind]: (type: Extract<FieldType, { kind: K }>) => string } = {
  string: () => 'STRING',
  uuid: () => 'STRING',
  int: () => 'INT',
  long: () => 'BIGINT',
  timestamp: () => 'BIGINT',
  float: () => 'FLOAT',
  double: () => 'DOUBLE',
  boolean: () => 'BOOLEAN',
  date: () => 'DATE',
  decimal: ({ precision, scale }) => `DECIMAL(${precision}, ${scale})`,
}

export const sqlType = (type: FieldType): string => (sqlTypes[type.kind] as (type: FieldType) => string)(type)

/** @throws MSB_QUERY_INVALID always: such a plan does not pass the checks of the language */
export function illTyped(what: string): never {
  throw new MysimbdpError('MSB_QUERY_INVALID', `${what} cannot be computed from these types`)
}

/** A text as Spark SQL reads it: with escapes. `$` is written as one, so that nothing takes it for a variable. */
export const quoteText = (text: string): string =>
  `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\0', '\\u0000').replaceAll('$', '\\u0024')}'`

/** Why a record is rejected. */
export const code = (reason: RejectionCode): string => quoteText(reason)

/** Unique whatever the case of the names, which Spark ignores. */
export const columnName = (index: number, name: string): string => `f${index}_${name}`

export const quoteName = (name: string): string => `\`${name.replaceAll('`', '``')}\``

/** A pattern as it stands, without escapes of SQL. It has no quote in it. */
export const pattern = (regularExpression: string): string => `r'${regularExpression}'`

/**
 * `body` over a value that is computed once, by the name it is given: SQL has no `let`, and a text that repeats its argument doubles with each level.
 * A body names no other bound value than those it is inside of.
 */
export const bind = (name: string, value: string, body: string): string =>
  `transform(array(${value}), ${name} -> ${body})[0]`

/** Whether a float or a double is a number. NaN is greater than all in Spark. */
export const isFiniteNumber = (sql: string): string => `abs(${sql}) < double('Infinity')`

/** Null for a double that is not finite (rule 4.4). */
export const finite = (sql: string): string => bind('x', sql, `CASE WHEN ${isFiniteNumber('x')} THEN x END`)

export const tryCast = (sql: string, type: string): string => `try_cast(${sql} AS ${type})`

export const isBinaryFloat = (type: FieldType): boolean => type.kind === 'float' || type.kind === 'double'
export const isWhole = (type: FieldType): boolean => type.kind === 'int' || type.kind === 'long'

export const asDouble = ({ sql, type }: TypedSql): string => (type.kind === 'double' ? sql : `CAST(${sql} AS DOUBLE)`)

/** The same value in a type that holds it; null where a decimal is beyond 38 digits. */
export function widen({ sql, type }: TypedSql, to: FieldType): string {
  const [from, wanted] = [sqlType(type), sqlType(to)]
  if (from === wanted) return sql
  return to.kind === 'decimal' ? tryCast(sql, wanted) : `CAST(${sql} AS ${wanted})`
}
