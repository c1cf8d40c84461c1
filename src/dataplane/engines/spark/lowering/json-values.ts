import type { FieldType, TypeKind } from '#language/schemas/field-types.ts'
import { EXACT, isoDate, TIMES_MS, UUID } from './casts.ts'
import { timeOfText, timeTextFault } from './times.ts'
import { bind, code, sqlType, tryCast } from './typed-sql.ts'

/**
 * How a JSON value becomes a field (rule 1.4). The value is a VARIANT `json`, its type the text `kind`: STRING, BOOLEAN, VOID for null, OBJECT<…>, ARRAY<…>, and for
 * numbers BIGINT, DECIMAL(p, s) or, beyond 38 digits and with an exponent, DOUBLE.
 */
export interface JsonReading {
  /** The value; null where there is none and where it is wrong. Sees `json` and `kind`. */
  readonly value: string
  /** The code of what is wrong with a JSON value other than null. Sees `json`, `kind` and `value`. */
  readonly fault: string
}

interface Place {
  readonly json: string
  readonly kind: string
  readonly value: string
  readonly timeZone: string
}

type Read<K extends TypeKind> = (place: Place, type: Extract<FieldType, { kind: K }>) => JsonReading

const text = ({ json }: Place): string => `CAST(${json} AS STRING)`
const isText = ({ kind }: Place): string => `${kind} = 'STRING'`
const isNumber = ({ kind }: Place): string =>
  `(${kind} = 'BIGINT' OR ${kind} = 'DOUBLE' OR startswith(${kind}, 'DECIMAL'))`
/** Null beyond 20 digits before the point. */
const exact = ({ json }: Place): string => tryCast(json, EXACT)
const hasFraction = (place: Place): string => `${exact(place)} % 1 <> 0`

const whole = (place: Place, type: FieldType): JsonReading => ({
  value: `CASE WHEN ${place.kind} = 'BIGINT' THEN ${tryCast(`CAST(${place.json} AS BIGINT)`, sqlType(type))}
  WHEN ${isNumber(place)} THEN ${bind('d', exact(place), `CASE WHEN d % 1 = 0 THEN ${tryCast('d', sqlType(type))} END`)} END`,
  fault: `CASE WHEN NOT ${isNumber(place)} OR ${hasFraction(place)} THEN ${code('wrong_type')} ELSE ${code('out_of_range')} END`,
})

const binaryFloat = (place: Place, type: FieldType): JsonReading => ({
  value: `CASE WHEN ${isNumber(place)} THEN ${bind('x', tryCast(place.json, sqlType(type)), "CASE WHEN abs(x) < double('Infinity') THEN x END")} END`,
  fault: `CASE WHEN ${isNumber(place)} THEN ${code('out_of_range')} ELSE ${code('wrong_type')} END`,
})

const readings: { readonly [K in TypeKind]: Read<K> } = {
  string: (place) => ({ value: `CASE WHEN ${isText(place)} THEN ${text(place)} END`, fault: code('wrong_type') }),
  uuid: (place) => ({
    value: `CASE WHEN ${isText(place)} THEN ${bind('w', text(place), `CASE WHEN w RLIKE ${UUID} THEN lower(w) END`)} END`,
    fault: code('wrong_type'),
  }),
  boolean: (place) => ({
    value: `CASE WHEN ${place.kind} = 'BOOLEAN' THEN CAST(${place.json} AS BOOLEAN) END`,
    fault: code('wrong_type'),
  }),
  int: whole,
  long: whole,
  float: binaryFloat,
  double: binaryFloat,
  decimal: (place, type) => ({
    value: `CASE WHEN ${isNumber(place)} THEN ${bind('d', exact(place), `CASE WHEN d = ${tryCast('d', sqlType(type))} THEN CAST(d AS ${sqlType(type)}) END`)} END`,
    fault: `CASE WHEN NOT ${isNumber(place)} THEN ${code('wrong_type')}
  WHEN ${bind('d', exact(place), `d <> round(d, ${type.scale})`)} THEN ${code('too_many_decimals')} ELSE ${code('out_of_range')} END`,
  }),
  timestamp: (place) => ({
    value: `CASE WHEN ${isText(place)} THEN ${bind('w', text(place), timeOfText('w', place.timeZone))}
  WHEN ${isNumber(place)} THEN ${bind('d', exact(place), `CASE WHEN d % 1 = 0 AND d ${TIMES_MS} THEN CAST(d AS BIGINT) END`)} END`,
    fault: `CASE WHEN ${isText(place)} THEN ${timeTextFault(text(place))}
  WHEN NOT ${isNumber(place)} OR ${hasFraction(place)} THEN ${code('wrong_type')} ELSE ${code('invalid_time')} END`,
  }),
  date: (place) => ({
    value: `CASE WHEN ${isText(place)} THEN ${bind('w', text(place), isoDate('w'))} END`,
    fault: `CASE WHEN ${isText(place)} THEN ${code('invalid_time')} ELSE ${code('wrong_type')} END`,
  }),
}

export const readJson = (place: Place, type: FieldType): JsonReading =>
  (readings[type.kind] as (place: Place, type: FieldType) => JsonReading)(place, type)
