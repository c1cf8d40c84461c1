import type { FieldType, TypeKind } from '#language/schemas/field-types.ts'
import { asDouble, type DecimalType, illTyped, isBinaryFloat, powerOfTen, type TypedSql, widen } from './typed-sql.ts'

type Lower = (value: TypedSql, to: FieldType) => string

/** Casts by the type they lead to (rule 4.6); what fails is null. */
const castsTo: { readonly [K in TypeKind]: Lower } = {
  string: (value) => textOf[value.type.kind](value.sql, value.type as never),
  uuid: (value) =>
    fromText(value, (text) => `CASE WHEN regexp_full_match(lower(${text}), '${UUID}') THEN lower(${text}) END`),
  int: (value) => `TRY_CAST(${wholePart(value)} AS INTEGER)`,
  long: (value) => (value.type.kind === 'timestamp' ? value.sql : `TRY_CAST(${wholePart(value)} AS BIGINT)`),
  float: (value) => `finite(TRY_CAST(${double(value)} AS FLOAT))`,
  double: (value) => `finite(${double(value)})`,
  boolean: (value) => {
    if (value.type.kind !== 'string') return `(${value.sql} <> 0)`
    return fromText(value, (text) => `CASE lower(${text}) WHEN 'true' THEN true WHEN 'false' THEN false END`)
  },
  decimal: (value, to) => {
    const { precision, scale } = to as DecimalType
    return `CAST(TRY_CAST(${atScale(value, scale)} AS DECIMAL(${precision}, 0)) AS HUGEINT)`
  },
  timestamp: (value) => {
    if (value.type.kind === 'date') return `days_since_epoch(${value.sql}) * 86400000`
    if (value.type.kind === 'long')
      return `CASE WHEN ${value.sql} BETWEEN -8640000000000000 AND 8640000000000000 THEN ${value.sql} END`
    return fromText(value, (text) => `iso_timestamp(${text})`)
  },
  date: (value) => {
    if (value.type.kind === 'timestamp')
      return `DATE '1970-01-01' + CAST(floor_divide(${value.sql}, 86400000) AS INTEGER)`
    return fromText(value, (text) => `iso_date(${text})`)
  },
}

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'

const asIs = (sql: string): string => sql
const plain = (sql: string): string => `CAST(${sql} AS VARCHAR)`

const textOf: { readonly [K in TypeKind]: (sql: string, type: Extract<FieldType, { kind: K }>) => string } = {
  string: asIs,
  uuid: asIs,
  int: plain,
  long: plain,
  boolean: plain,
  // DuckDB's text of a float is the shortest that reads back; as a double it has that text again.
  float: (sql) => `ecmascript_number(CAST(CAST(${sql} AS VARCHAR) AS DOUBLE))`,
  double: (sql) => `ecmascript_number(${sql})`,
  decimal: (sql, { scale }) => decimalText(sql, scale),
  timestamp: (sql) => `strftime(make_timestamp(${sql} * 1000), '%Y-%m-%dT%H:%M:%S.%gZ')`,
  date: (sql) => `strftime(${sql}, '%Y-%m-%d')`,
}

const decimalText = (sql: string, scale: number): string =>
  scale === 0
    ? plain(sql)
    : `list_transform([${sql}], lambda x: CASE WHEN x < 0 THEN '-' ELSE '' END || CAST(abs(x) // ${powerOfTen(scale)} AS VARCHAR)
      || '.' || lpad(CAST(abs(x) % ${powerOfTen(scale)} AS VARCHAR), ${scale}, '0'))[1]`

function fromText({ sql, type }: TypedSql, read: (trimmed: string) => string): string {
  return type.kind === 'string' ? read(`trim(${sql}, ' ')`) : illTyped('this cast')
}

function wholePart({ sql, type }: TypedSql): string {
  if (type.kind === 'string') return fromText({ sql, type }, (text) => `whole_number(${text})`)
  if (type.kind === 'decimal') return `${sql} // ${powerOfTen(type.scale)}`
  return isBinaryFloat(type) ? `trunc(${sql})` : sql
}

function double(value: TypedSql): string {
  if (value.type.kind === 'boolean') return `CAST(${value.sql} AS DOUBLE)`
  if (value.type.kind !== 'string') return asDouble(value)
  return fromText(value, (text) => `CASE WHEN exact_number(${text}) IS NOT NULL THEN TRY_CAST(${text} AS DOUBLE) END`)
}

function atScale({ sql, type }: TypedSql, scale: number): string {
  if (type.kind === 'string') return fromText({ sql, type }, (text) => `number_at_scale(${text}, ${scale})`)
  if (isBinaryFloat(type)) return `number_at_scale(CAST(${sql} AS VARCHAR), ${scale})`
  if (type.kind === 'boolean') return `CAST(${sql} AS HUGEINT) * ${powerOfTen(scale)}`
  if (type.kind === 'decimal' && type.scale > scale)
    return `divide_half_away(${sql}, ${powerOfTen(type.scale - scale)})`
  return widen({ sql, type }, { kind: 'decimal', precision: 38, scale }).sql
}

export function lowerCast(value: TypedSql, to: FieldType): TypedSql {
  const same = value.type.kind === to.kind && to.kind !== 'decimal'
  return { sql: same ? value.sql : castsTo[to.kind](value, to), type: to }
}
