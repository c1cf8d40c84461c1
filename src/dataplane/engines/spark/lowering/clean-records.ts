import type { SourceNode } from '#language/plan/plan.ts'
import type { FieldType, TypeKind } from '#language/schemas/field-types.ts'
import type { Field } from '#language/schemas/schema.ts'
import { RECORD_BYTES_MAX_DEFAULT } from '../../../decoding/record-limits.ts'
import type { RelationInit } from '../connect/spark-session.ts'
import { EXACT, isoDate, TIMES_MS, UUID } from './casts.ts'
import { withColumns } from './messages.ts'
import { pattern, quoteName, quoteText, sqlType, tryCast } from './typed-sql.ts'

/**
 * The first of two tiers of reading. Spark's own reader takes a tenth of what reading by the rules takes, and is more lenient; a record is clean when what it gave
 * for each field is certain to be what the rules give. Everything else is doubtful, whatever is wrong with it or not.
 */

/** Whether a record is clean: never null. */
export const CLEAN = 'clean'
export const cleanColumn = (index: number): string => `q${index}`

const TYPED = 'typed'
/** No name of a field has a space. */
const CORRUPT = 'not readable'

/** How Spark's reader is asked for a field, and what of its answers is certain. */
interface CleanReading {
  /** What the reader is told that the field is. */
  readonly asked: (type: FieldType) => string
  /** The value, null where it is not certain, out of what the reader gave. */
  readonly value: (given: string, type: FieldType, timeZone: string) => string
  /** Beginnings of JSON values that the reader takes and the rules do not, as a regular expression; null where there are none. */
  readonly lenient: string | null
}

const asIs = (given: string): string => given
const asText = (): string => 'STRING'

const LONG_NUMBER = '-?[0-9]++(?:\\.[0-9]{19}|(?:\\.[0-9]*+)?[eE])'

const readings: { readonly [K in TypeKind]: CleanReading } = {
  // The reader gives the text of a number, an object or whatever else there is.
  string: { asked: asText, value: asIs, lenient: '[^"n]' },
  uuid: { asked: asText, value: (given) => `CASE WHEN ${given} RLIKE ${UUID} THEN lower(${given}) END`, lenient: null },
  date: { asked: asText, value: isoDate, lenient: null },
  timestamp: { asked: asText, value: cleanTime, lenient: '"-?[0-9]+"' },
  boolean: { asked: sqlType, value: asIs, lenient: null },
  int: { asked: sqlType, value: asIs, lenient: null },
  long: { asked: sqlType, value: asIs, lenient: null },
  float: { asked: () => 'DOUBLE', value: nearestFloat, lenient: null },
  double: {
    asked: sqlType,
    // The addition makes zero of minus zero.
    value: (given) => `CASE WHEN abs(${given}) < double('Infinity') THEN ${given} + 0D END`,
    lenient: null,
  },
  decimal: {
    asked: () => EXACT,
    value: (given, type) =>
      `CASE WHEN ${given} = ${tryCast(given, sqlType(type))} THEN CAST(${given} AS ${sqlType(type)}) END`,
    // The reader takes a number in quotes, and rounds behind 18 digits.
    lenient: `(?:"|${LONG_NUMBER})`,
  },
}

const DIGITS = pattern('^-?[0-9]{1,15}\\z')
const ISO_SECONDS = pattern('^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?Z?\\z')

/** Epoch ms, and the two usual forms of ISO 8601: with `Z`, and local. */
function cleanTime(given: string, _: FieldType, timeZone: string): string {
  const reading = tryCast(`substring_index(${given}, 'Z', 1)`, 'TIMESTAMP')
  const zone = quoteText(timeZone)
  const instant = `to_utc_timestamp(${reading}, ${zone})`
  const local =
    timeZone === 'UTC'
      ? ''
      : `WHEN NOT endswith(${given}, 'Z') THEN CASE WHEN from_utc_timestamp(${instant}, ${zone}) = ${reading} THEN unix_millis(${instant}) END`
  return `CASE WHEN ${given} RLIKE ${DIGITS} THEN CASE WHEN CAST(${given} AS BIGINT) ${TIMES_MS} THEN CAST(${given} AS BIGINT) END
  WHEN NOT ${given} RLIKE ${ISO_SECONDS} OR ${given} < '0001' THEN NULL ${local} ELSE unix_millis(${reading}) END`
}

/** The reader rounds to a double; rounding that again is certain unless it lies in the middle between two floats. */
function nearestFloat(given: string): string {
  const float = `CAST(${given} AS FLOAT)`
  const beyond = `2 * ${given} - CAST(${float} AS DOUBLE)`
  return `CASE WHEN abs(${given}) < 1e38D AND (${given} = ${float} OR CAST(CAST(${beyond} AS FLOAT) AS DOUBLE) <> ${beyond}) THEN ${float} + CAST(0 AS FLOAT) END`
}

const given = ({ name }: Field): string => `${TYPED}.${quoteName(name)}`

/** Adds the column `CLEAN`, and a column for each field, whose values count where it is true. `input` has value BINARY and text, the same as STRING. */
export function readClean({ schema: { fields }, timeZone }: SourceNode, input: RelationInit): RelationInit {
  const typed = withColumns(input, [{ name: TYPED, sql: typedRecord(fields) }])
  const read = withColumns(
    typed,
    fields.map((field, i) => ({
      name: cleanColumn(i),
      sql: readings[field.type.kind].value(given(field), field.type, timeZone),
    })),
  )
  const anyAbsent = fields.map((field) => `(${given(field)} IS NULL AND NOT ${isWrittenAsNull(field)})`).join(' OR ')
  const keys = withColumns(read, [{ name: 'keys', sql: `CASE WHEN ${anyAbsent} THEN json_object_keys(text) END` }])
  const certain = fields.map((field, i) => {
    const known = `${cleanColumn(i)} IS NOT NULL`
    return field.nullable ? `(${given(field)} IS NULL OR ${known})` : known
  })
  const names = `array(${fields.map(({ name }) => quoteText(name)).join(', ')})`
  // Rule 1.5: an absent field and an unknown one together are a wrong name.
  const named = `(keys IS NULL OR size(array_except(keys, ${names})) = 0 OR size(array_except(${names}, keys)) = 0)`
  const isRead = `${TYPED} IS NOT NULL AND ${TYPED}.${quoteName(CORRUPT)} IS NULL`
  const clean = [isRead, ...certain, named, `NOT ${isTakenForAnother(fields)}`].join(' AND ')
  return withColumns(keys, [{ name: CLEAN, sql: `coalesce(${clean}, false)` }])
}

/**
 * Whether a null field is there, in the two usual ways of writing it: to list all names of a record costs four tenths of reading it. Behind a comma a quotation mark is
 * not escaped, so that it begins the name.
 */
const isWrittenAsNull = ({ name }: Field): string =>
  `(${[`,"${name}":null`, `, "${name}": null`].map((text) => `contains(text, ${quoteText(text)})`).join(' OR ')})`

/**
 * What Spark's reader makes of a record; null where it might leave something out: it stops behind the first value, so that an object must be all there is, and the only one.
 */
function typedRecord(fields: readonly Field[]): string {
  // Names of columns are the same to Spark whatever their case.
  const isAmbiguous = new Set(fields.map(({ name }) => name.toLowerCase())).size < fields.length
  const isOneObject = `startswith(text, '{') AND octet_length(substring_index(text, '}', 1)) = octet_length(value) - 1`
  const isText = `octet_length(value) <= ${RECORD_BYTES_MAX_DEFAULT} AND is_valid_utf8(text)`
  return `CASE WHEN ${isAmbiguous ? 'false' : `${isOneObject} AND ${isText}`} THEN from_json(text, ${readerOptions(fields)}) END`
}

function readerOptions(fields: readonly Field[]): string {
  const columns = fields.map(({ name, type }) => `${quoteName(name)} ${readings[type.kind].asked(type)}`)
  const schema = [...columns, `${quoteName(CORRUPT)} STRING`].join(', ')
  const options = {
    columnNameOfCorruptRecord: CORRUPT,
    allowNonNumericNumbers: 'false',
    allowSingleQuotes: 'false',
  }
  return `${quoteText(schema)}, map(${Object.entries(options).flat().map(quoteText).join(', ')})`
}

/**
 * A text that is nothing but a number, in digits of any script, or a long number. It begins with one character, which is found faster than one of two; and a
 * class of characters beyond 16 bits, as `\p{Nd}` is, has Java look at each place of the text for a pair of surrogates.
 */
const UNUSUAL_NUMBER = pattern(`:\\s*+(?:"[-+.0-9\\x80-\\uFFFF][-+.eE0-9\\x80-\\uFFFF]*+"|${LONG_NUMBER})`)
/** What the reader makes of a value that is no text where it is asked for one. */
const NO_TEXT = pattern('^(?:(?:-?[0-9][-+.eE0-9]*+|true|false)\\z|[{\\[])')

/**
 * Whether the reader may have taken a value for one of another type, or an escape may hide the name of a field or half a character. The search through the text
 * costs as much as reading it, and is made where there is a sign of such a thing.
 */
function isTakenForAnother(fields: readonly Field[]): string {
  const has = (...kinds: readonly TypeKind[]): readonly Field[] =>
    fields.filter(({ type }) => kinds.includes(type.kind))
  const signs = [
    `contains(text, ${quoteText('\\u')})`,
    ...has('string').map((field) => `coalesce(${given(field)} RLIKE ${NO_TEXT}, false)`),
    ...(has('decimal', 'timestamp').length > 0 ? [`text RLIKE ${UNUSUAL_NUMBER}`] : []),
  ]
  return `CASE WHEN ${signs.join(' OR ')} THEN text RLIKE ${pattern(lenientlyRead(fields))} ELSE false END`
}

function lenientlyRead(fields: readonly Field[]): string {
  const names = new Map<string, string[]>()
  for (const { name, type } of fields) {
    const { lenient } = readings[type.kind]
    if (lenient !== null) names.set(lenient, [...(names.get(lenient) ?? []), name])
  }
  // Possessive, so that no space is given back to be taken for the beginning of the value.
  const values = [...names].map(([lenient, of]) => `(?:${of.join('|')})"\\s*+:\\s*+${lenient}`)
  const escapes = '\\\\u(?:[dD][89a-fA-F]|[^"\\\\]*+(?:\\\\.[^"\\\\]*+)*+"\\s*+:)'
  return [...(values.length === 0 ? [] : [`"(?:${values.join('|')})`]), escapes].join('|')
}
