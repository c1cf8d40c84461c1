import type { SourceNode } from '#language/plan/plan.ts'
import { RECORD_BYTES_MAX_DEFAULT } from '../../../decoding/record-limits.ts'
import { readJson } from './json-values.ts'
import { bind, code, columnName, quoteName, quoteText } from './typed-sql.ts'

/** Names of the parts of a doubtful record besides its fields. */
export const REASON = 'reason'
export const REASON_FIELD = 'reason_field'
/** What was there instead, in full. */
export const FOUND = 'found'

const struct = (members: readonly (readonly [string, string])[]): string =>
  `named_struct(${members.flatMap(([name, sql]) => [quoteText(name), sql]).join(', ')})`

/** Behind the record, inside the brackets it is read in. No record holds its own digest. */
const END_MARK = 'sha2(text, 256)'
const inDocument = (path: string, type = 'variant'): string =>
  `try_variant_get(document, '$${path}', ${quoteText(type)})`

/**
 * The second tier: a record by the rules 1.2 to 1.5, over Spark's VARIANT. A struct of the code of what is wrong, the field, what was found, and the values. One expression, whose parts
 * Spark evaluates one by one: as columns they would be code for every record, too long to be compiled to machine code.
 * Sees value BINARY and text, the same as STRING.
 */
export function doubtfulRecord({ schema: { fields }, timeZone }: SourceNode): string {
  const places = fields.map(({ name }, i) => {
    const value = columnName(i, name)
    return { json: `json.j${i}`, kind: `kind.k${i}`, name: value, value: `read.${quoteName(value)}`, timeZone }
  })
  const readings = fields.map(({ type }, i) => readJson(places[i]!, type))
  const json = struct(fields.map(({ name }, i) => [`j${i}`, inDocument(`[0].${name}`)]))
  const kind = struct(fields.map((_, i) => [`k${i}`, `schema_of_variant(json.j${i})`]))
  const read = struct(readings.map(({ value }, i) => [places[i]!.name, value]))
  const wrong = struct(
    fields.map(({ nullable }, i) => [`e${i}`, fieldFault({ ...places[i]!, fault: readings[i]!.fault, nullable })]),
  )
  const names = fields.map(({ name }) => name)
  const judged = struct([
    [REASON, 'why'],
    [REASON_FIELD, faultField(names)],
    [FOUND, found(names)],
    ...places.map(({ name, value }) => [name, value] as const),
  ])
  const steps: readonly (readonly [string, string])[] = [
    ['document', document()],
    ['json', json],
    ['kind', kind],
    ['read', read],
    ['wrong', wrong],
    ['why', fault(names)],
  ]
  return steps.reduceRight((body, [name, sql]) => bind(name, sql, body), judged)
}

/** Spark reads a first value and stops: what stands behind the object is seen as it comes before the end mark, or takes its place. */
const document = (): string =>
  `CASE WHEN is_valid_utf8(text) AND octet_length(value) <= ${RECORD_BYTES_MAX_DEFAULT} THEN try_parse_json(concat('[', text, ',"', ${END_MARK}, '"]')) END`

interface JudgedField {
  readonly json: string
  readonly kind: string
  readonly value: string
  readonly fault: string
  readonly nullable: boolean
}

const fieldFault = ({ json, kind, value, fault, nullable }: JudgedField): string =>
  `CASE WHEN ${value} IS NOT NULL THEN NULL WHEN ${json} IS NULL THEN ${nullable ? 'NULL' : code('missing_field')}
  WHEN ${kind} = 'VOID' THEN ${nullable ? 'NULL' : code('null_not_allowed')} ELSE ${fault} END`

const isAbsent = (index: number): string => `json.j${index} IS NULL`

/** Rule 1.2: the first thing that is wrong. Names of the record are looked at only where a known one is absent. */
function fault(names: readonly string[]): string {
  const known = names.map(quoteText).join(', ')
  const renamed = `(${names.map((_, i) => isAbsent(i)).join(' OR ')}) AND exists(json_object_keys(text), name -> NOT name IN (${known}))`
  return `CASE WHEN NOT is_valid_utf8(text) THEN ${code('wrong_encoding')}
  WHEN octet_length(value) > ${RECORD_BYTES_MAX_DEFAULT} THEN ${code('too_large')}
  WHEN NOT coalesce(${inDocument('[1]', 'string')} = ${END_MARK}, false) THEN ${code('malformed')}
  WHEN NOT startswith(schema_of_variant(${inDocument('[0]')}), 'OBJECT') THEN ${code('not_an_object')}
  WHEN ${renamed} THEN ${code('renamed_field')}
  ELSE coalesce(${names.map((_, i) => `wrong.e${i}`).join(', ')}) END`
}

const isWrong = (index: number): string => `wrong.e${index} IS NOT NULL`

/** What is wrong with the whole of a record is wrong with no field. */
function faultField(names: readonly string[]): string {
  const first = (isIt: (index: number) => string): string =>
    `CASE ${names.map((name, i) => `WHEN ${isIt(i)} THEN ${quoteText(name)}`).join(' ')} END`
  const whole = (['wrong_encoding', 'too_large', 'malformed', 'not_an_object'] as const).map(code).join(', ')
  return `CASE WHEN why IS NULL OR why IN (${whole}) THEN NULL WHEN why = ${code('renamed_field')} THEN ${first(isAbsent)}
  ELSE ${first(isWrong)} END`
}

/** Of a value its JSON, as Spark writes it. */
function found(names: readonly string[]): string {
  const unknown = `get(filter(json_object_keys(text), name -> NOT name IN (${names.map(quoteText).join(', ')})), 0)`
  return `CASE WHEN why IS NULL OR why = ${code('wrong_encoding')} THEN NULL WHEN why = ${code('too_large')} THEN concat(octet_length(value), ' bytes')
  WHEN why IN (${code('malformed')}, ${code('not_an_object')}) THEN text WHEN why = ${code('renamed_field')} THEN ${unknown}
  ELSE CASE ${names.map((_, i) => `WHEN ${isWrong(i)} THEN to_json(json.j${i})`).join(' ')} END END`
}
