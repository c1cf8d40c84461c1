import type { FieldType, TypeKind } from '#language/schemas/field-types.ts'
import { bind, pattern, quoteText } from './typed-sql.ts'

/**
 * Texts of values, the same bytes as the platform's own: rows (rules 6.2, 6.3), keys (6.4) and casts (4.6). Under Spark's ANSI rules, which the settings ask
 * for, the text of a decimal has no exponent.
 */

const ISO_LOCAL = `yyyy-MM-dd'T'HH:mm:ss.SSS`

/** Sign, digits and exponent of `-1.250e-09`. */
const SCIENTIFIC = [
  `'sign', CASE WHEN startswith(e, '-') THEN '-' ELSE '' END`,
  `'digits', rtrim('0', replace(replace(split_part(e, 'e', 1), '.', ''), '-', ''))`,
  `'exponent', CAST(split_part(e, 'e', 2) AS INT)`,
].join(', ')

/** Exponents from -6 to 20 are written out, as ECMAScript does. */
const WRITTEN_OUT = `CASE
  WHEN n.exponent BETWEEN 0 AND 20 AND length(n.digits) <= n.exponent + 1 THEN rpad(n.digits, n.exponent + 1, '0')
  WHEN n.exponent BETWEEN 0 AND 20 THEN concat(left(n.digits, n.exponent + 1), '.', substring(n.digits, n.exponent + 2))
  WHEN n.exponent BETWEEN -6 AND -1 THEN concat('0.', repeat('0', -n.exponent - 1), n.digits)
  ELSE concat(left(n.digits, 1), CASE WHEN length(n.digits) > 1 THEN concat('.', substring(n.digits, 2)) ELSE '' END,
    'e', CASE WHEN n.exponent > 0 THEN '+' ELSE '' END, n.exponent) END`

/**
 * ECMAScript's text of a number: the fewest digits that read back the same. Spark's own text has more, before Java 19, and another form.
 * `digits`: how many may do, fewest first; the last does always.
 */
function numberText(sql: string, type: 'FLOAT' | 'DOUBLE', digits: readonly number[]): string {
  const texts = digits.map((count) => `format_string('%.${count - 1}e', d)`)
  const tried = texts.slice(0, -1).map((text) => `WHEN CAST(${text} AS ${type}) = d THEN ${text}`)
  const scientific = `CASE ${tried.join(' ')} ELSE ${texts.at(-1)} END`
  const text = bind('e', scientific, bind('n', `named_struct(${SCIENTIFIC})`, `concat(n.sign, ${WRITTEN_OUT})`))
  return bind('d', `CAST(${sql} AS DOUBLE)`, `CASE WHEN d IS NULL THEN NULL WHEN d = 0 THEN '0' ELSE ${text} END`)
}

/** Spark's session is in UTC. */
const utcText = (epochMs: string): string =>
  `date_format(timestamp_millis(${epochMs}), ${quoteText(`${ISO_LOCAL}'Z'`)})`

/** ISO 8601 with ms and the offset that the zone has at that instant, whole minutes (rule 6.2). */
export function timeText(epochMs: string, timeZone: string): string {
  if (timeZone === 'UTC') return utcText(epochMs)
  const local = `from_utc_timestamp(timestamp_millis(t), ${quoteText(timeZone)})`
  const minutes = `named_struct('local', ${local}, 'minutes', CAST(round((unix_millis(${local}) - t) / 60000) AS INT))`
  const offset = `CASE WHEN z.minutes < 0 THEN '-' ELSE '+' END, lpad(CAST(abs(z.minutes) DIV 60 AS STRING), 2, '0'), ':', lpad(CAST(abs(z.minutes) % 60 AS STRING), 2, '0')`
  return bind('t', epochMs, bind('z', minutes, `concat(date_format(z.local, ${quoteText(ISO_LOCAL)}), ${offset})`))
}

const plain = (sql: string): string => `CAST(${sql} AS STRING)`
const asIs = (sql: string): string => sql

/** Null for null; times in UTC. */
export const valueTexts: { readonly [K in TypeKind]: (sql: string) => string } = {
  string: asIs,
  uuid: asIs,
  int: plain,
  long: plain,
  boolean: plain,
  float: (sql) => numberText(sql, 'FLOAT', [6, 7, 8, 9]),
  double: (sql) => numberText(sql, 'DOUBLE', [15, 16, 17]),
  decimal: plain,
  timestamp: utcText,
  date: plain,
}

const CONTROL_CHARACTERS = String.raw`CASE c WHEN '"' THEN '\\"' WHEN '\\' THEN '\\\\' WHEN '\b' THEN '\\b' WHEN '\t' THEN '\\t'
  WHEN '\n' THEN '\\n' WHEN '\f' THEN '\\f' WHEN '\r' THEN '\\r' ELSE CASE WHEN c < ' ' THEN concat('\\u', lpad(lower(hex(c)), 4, '0')) ELSE c END END`

/** `JSON.stringify` of a text. Few have anything to escape. */
const quoted = (sql: string): string =>
  bind(
    's',
    sql,
    `concat('"', CASE WHEN s RLIKE ${pattern('[\\x00-\\x1f"\\\\]')}
  THEN array_join(transform(regexp_extract_all(s, '(?s).', 0), c -> ${CONTROL_CHARACTERS}), '') ELSE s END, '"')`,
  )

/** JSON text of a value (rules 6.1 to 6.3), `null` for null. */
export function jsonText(sql: string, type: FieldType, timeZone: string): string {
  const inQuotes = (text: string): string => `concat('"', ${text}, '"')`
  const text =
    type.kind === 'string' || type.kind === 'uuid'
      ? quoted(sql)
      : type.kind === 'timestamp'
        ? inQuotes(timeText(sql, timeZone))
        : type.kind === 'date'
          ? inQuotes(plain(sql))
          : valueTexts[type.kind](sql)
  return `coalesce(${text}, 'null')`
}

/** A part of a result key (rule 6.4). */
export function keyText(sql: string, type: FieldType): string {
  const text = type.kind === 'timestamp' ? plain(sql) : valueTexts[type.kind](sql)
  const escaped =
    type.kind === 'string' ? `replace(replace(replace(${text}, '%', '%25'), '|', '%7C'), '~', '%7E')` : text
  return `coalesce(${escaped}, '~')`
}
