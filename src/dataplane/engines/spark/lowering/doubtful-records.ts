import type { SourceNode } from '#language/plan/plan.ts'
import type { Field } from '#language/schemas/schema.ts'
import { RECORD_BYTES_MAX_DEFAULT } from '../../../decoding/record-limits.ts'
import { readJson } from './json-values.ts'
import { bind, code, columnName, quoteText } from './typed-sql.ts'

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
 * Spark evaluates one by one: as columns they would be code for every record, too long to be compiled to machine code. What reads a type stands in it once, whatever the number of
 * fields: Spark's rules go through the expression for each batch anew, and it is sent to each task.
 * Sees value BINARY and text, the same as STRING.
 */
export function doubtfulRecord({ schema: { fields }, timeZone }: SourceNode): string {
  const names = fields.map(({ name }) => name)
  const groups = alikeFields(fields)
  const json = names.map((name) => inDocument(`[0].${name}`))
  const read = groups.map(({ alike, places }, g) => [`g${g}`, eachOf(places, readField(alike, timeZone))] as const)
  const ofField = (index: number, part: 'reading' | 'wrong'): string => {
    const g = groups.findIndex(({ places }) => places.includes(index))
    return `read.g${g}[${groups[g]!.places.indexOf(index)}].${part}`
  }
  const judged = struct([
    [REASON, 'why'],
    [REASON_FIELD, faultField(names)],
    [FOUND, found(names)],
    ...fields.map((field, i) => [columnName(i, field.name), ofField(i, 'reading')] as const),
  ])
  const steps: readonly (readonly [string, string])[] = [
    ['document', document()],
    ['json', array(json)],
    ['read', struct(read)],
    ['wrong', array(fields.map((_, i) => ofField(i, 'wrong')))],
    ['why', fault(names)],
  ]
  return steps.reduceRight((body, [name, sql]) => bind(name, sql, body), judged)
}

const array = (members: readonly string[]): string => `array(${members.join(', ')})`

interface AlikeFields {
  readonly alike: Pick<Field, 'type' | 'nullable'>
  /** In the schema. */
  readonly places: readonly number[]
}

/** Fields that are read alike, in the order of the first of each. */
function alikeFields(fields: readonly Field[]): readonly AlikeFields[] {
  const places = Map.groupBy(fields.keys(), (i) => JSON.stringify([fields[i]!.type, fields[i]!.nullable]))
  return [...places.values()].map((some) => ({ alike: fields[some[0]!]!, places: some }))
}

/** Of the values at these places of `json` what `body` makes of `one`. The places are a constant, whatever their number. */
const eachOf = (places: readonly number[], body: string): string =>
  `transform(${array(places.map(String))}, place -> ${bind('one', 'json[place]', body)})`

/** The value and the code of what is wrong with it, as `reading` and `wrong`. Sees the JSON value as `one`. */
function readField({ type, nullable }: AlikeFields['alike'], timeZone: string): string {
  const { value, fault } = readJson({ json: 'one', kind: 'kind', value: 'reading', timeZone }, type)
  const wrong = `CASE WHEN reading IS NOT NULL THEN NULL WHEN one IS NULL THEN ${nullable ? 'NULL' : code('missing_field')}
  WHEN kind = 'VOID' THEN ${nullable ? 'NULL' : code('null_not_allowed')} ELSE ${fault} END`
  const both = struct([
    ['reading', 'reading'],
    ['wrong', wrong],
  ])
  return bind('kind', 'schema_of_variant(one)', bind('reading', value, both))
}

/** Spark reads a first value and stops: what stands behind the object is seen as it comes before the end mark, or takes its place. */
const document = (): string =>
  `CASE WHEN is_valid_utf8(text) AND octet_length(value) <= ${RECORD_BYTES_MAX_DEFAULT} THEN try_parse_json(concat('[', text, ',"', ${END_MARK}, '"]')) END`

/** Where the first absent field stands in `json`, from 1 on; 0 where none is absent. */
const FIRST_ABSENT = 'array_position(transform(json, one -> one IS NULL), true)'
/** The same of the first wrong one. */
const FIRST_WRONG = 'array_position(transform(wrong, one -> one IS NOT NULL), true)'

/** Of several, by a place that counts from 1; null at 0. */
const at = (members: string, place: string): string => bind('at', place, `CASE WHEN at > 0 THEN ${members}[at - 1] END`)

/** Rule 1.2: the first thing that is wrong. Names of the record are looked at only where a known one is absent. */
function fault(names: readonly string[]): string {
  const known = names.map(quoteText).join(', ')
  const renamed = `${FIRST_ABSENT} > 0 AND exists(json_object_keys(text), name -> NOT name IN (${known}))`
  return `CASE WHEN NOT is_valid_utf8(text) THEN ${code('wrong_encoding')}
  WHEN octet_length(value) > ${RECORD_BYTES_MAX_DEFAULT} THEN ${code('too_large')}
  WHEN NOT coalesce(${inDocument('[1]', 'string')} = ${END_MARK}, false) THEN ${code('malformed')}
  WHEN NOT startswith(schema_of_variant(${inDocument('[0]')}), 'OBJECT') THEN ${code('not_an_object')}
  WHEN ${renamed} THEN ${code('renamed_field')}
  ELSE ${at('wrong', FIRST_WRONG)} END`
}

/** What is wrong with the whole of a record is wrong with no field. */
function faultField(names: readonly string[]): string {
  const whole = (['wrong_encoding', 'too_large', 'malformed', 'not_an_object'] as const).map(code).join(', ')
  const first = `CASE WHEN why = ${code('renamed_field')} THEN ${FIRST_ABSENT} ELSE ${FIRST_WRONG} END`
  return `CASE WHEN why IS NULL OR why IN (${whole}) THEN NULL ELSE ${at(array(names.map(quoteText)), first)} END`
}

/** Of a value its JSON, as Spark writes it. */
function found(names: readonly string[]): string {
  const unknown = `get(filter(json_object_keys(text), name -> NOT name IN (${names.map(quoteText).join(', ')})), 0)`
  return `CASE WHEN why IS NULL OR why = ${code('wrong_encoding')} THEN NULL WHEN why = ${code('too_large')} THEN concat(octet_length(value), ' bytes')
  WHEN why IN (${code('malformed')}, ${code('not_an_object')}) THEN text WHEN why = ${code('renamed_field')} THEN ${unknown}
  ELSE to_json(${at('json', FIRST_WRONG)}) END`
}
