import type { FieldType, TypeKind } from '#language/schemas/field-types.ts'
import { timeOfText } from './times.ts'
import {
  asDouble,
  bind,
  type DecimalType,
  finite,
  isBinaryFloat,
  pattern,
  type TypedSql,
  tryCast,
} from './typed-sql.ts'
import { valueTexts } from './values-text.ts'

type Lower = (value: TypedSql, to: FieldType) => string

export const UUID = pattern('^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\\z')
const JSON_NUMBER = pattern('^-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?\\z')
/** Wide enough for 64 bits before the point and for every stored decimal behind it. */
export const EXACT_SCALE = 18
export const EXACT = `DECIMAL(38, ${EXACT_SCALE})`
/** Years 0001 to 9999. */
export const TIMES_MS = 'BETWEEN -62135596800000 AND 253402300799999'

/** Casts by the type they lead to (rule 4.6); what fails is null. */
const castsTo: { readonly [K in TypeKind]: Lower } = {
  string: ({ sql, type }) => valueTexts[type.kind](sql),
  uuid: (value) => fromText(value, `CASE WHEN w RLIKE ${UUID} THEN lower(w) END`),
  int: (value) => whole(value, 'INT'),
  long: (value) => (value.type.kind === 'timestamp' ? value.sql : whole(value, 'BIGINT')),
  float: (value) => finite(tryCast(numeric(value), 'FLOAT')),
  double: (value) => finite(tryCast(numeric(value), 'DOUBLE')),
  boolean: (value) =>
    value.type.kind === 'string'
      ? fromText(value, `CASE lower(w) WHEN 'true' THEN true WHEN 'false' THEN false END`)
      : `(${value.sql} <> 0)`,
  // Spark rounds half away from zero, doubles by their text.
  decimal: (value, to) => {
    const { precision, scale } = to as DecimalType
    return tryCast(numeric(value), `DECIMAL(${precision}, ${scale})`)
  },
  timestamp: (value) => {
    if (value.type.kind === 'date') return `unix_millis(CAST(${value.sql} AS TIMESTAMP))`
    if (value.type.kind === 'long') return bind('t', value.sql, `CASE WHEN t ${TIMES_MS} THEN t END`)
    return fromText(value, timeOfText('w', 'UTC'))
  },
  date: (value) =>
    value.type.kind === 'timestamp' ? `CAST(timestamp_millis(${value.sql}) AS DATE)` : fromText(value, isoDate('w')),
}

export const isoDate = (text: string): string =>
  `CASE WHEN ${text} RLIKE ${pattern('^[0-9]{4}-[0-9]{2}-[0-9]{2}\\z')} AND ${text} >= '0001' THEN ${tryCast(text, 'DATE')} END`

/** `read` sees the text without spaces around it as `w`. */
const fromText = ({ sql }: TypedSql, read: string): string => bind('w', `trim(${sql})`, read)

/** A number, or a text that is one. */
const numeric = (value: TypedSql): string => {
  if (value.type.kind === 'float') return asDouble(value)
  return value.type.kind === 'string' ? fromText(value, `CASE WHEN w RLIKE ${JSON_NUMBER} THEN w END`) : value.sql
}

/** Cut towards zero, except that a text has to be whole. */
function whole(value: TypedSql, to: 'INT' | 'BIGINT'): string {
  if (value.type.kind !== 'string') return tryCast(isBinaryFloat(value.type) ? asDouble(value) : value.sql, to)
  return bind('d', tryCast(numeric(value), EXACT), `CASE WHEN d % 1 = 0 THEN ${tryCast('d', to)} END`)
}

export function lowerCast(value: TypedSql, to: FieldType): TypedSql {
  const same = value.type.kind === to.kind && to.kind !== 'decimal'
  return { sql: same ? value.sql : castsTo[to.kind](value, to), type: to }
}
