import type { SourceNode } from '#language/plan/plan.ts'
import { RECORD_BYTES_MAX_DEFAULT } from '../../../decoding/record-limits.ts'
import { type RejectionCode, rejectionCodes } from '../../../records/record-batch.ts'
import type { RelationInit } from '../connect/spark-session.ts'
import { readJson } from './json-values.ts'
import { type Column, collectMetrics, filter, project, withColumns } from './messages.ts'
import { quoteName, quoteText } from './typed-sql.ts'

/** Columns that a record has besides its fields: its place in the log, and its event time as Spark's TIMESTAMP. */
export const PLACE = ['partition', 'offset', 'event_time'] as const
const ARRIVAL = 'arrival'
/** The code of what is wrong with a record, and the field; null for what counts. */
export const FAULT = 'fault'
export const FAULT_FIELD = 'fault_field'

/** Unique whatever the case of the names, which Spark ignores. */
export const columnName = (index: number, name: string): string => `f${index}_${name}`

const keep = (name: string): Column => ({ name, sql: quoteName(name) })
const code = (name: RejectionCode): string => quoteText(name)
/** What follows the record inside the brackets it is read in would be a second element. */
const document = (field: string): string => `try_variant_get(document, '$[0]${field}', 'variant')`

/**
 * Every record with its fields, or with what is wrong with it: rules 1.2 to 1.7 and, with `futureLimit`, 2.6.
 * `input` has the columns of Spark's Kafka source: value BINARY, partition INT, offset BIGINT, timestamp TIMESTAMP (arrival).
 */
export function judgedRecords(source: SourceNode, input: RelationInit, futureLimit: boolean): RelationInit {
  const { fields } = source.schema
  const place = (index: number) => ({
    json: `j${index}`,
    kind: `k${index}`,
    value: columnName(index, fields[index]!.name),
    timeZone: source.timeZone,
  })
  const read = fields.map(({ type }, i) => readJson(place(i), type))
  const envelope = withColumns(filter(input, 'octet_length(value) > 0'), [
    { name: 'text', sql: 'CAST(value AS STRING)' },
    { name: ARRIVAL, sql: 'unix_millis(timestamp)' },
  ])
  // Without the brackets Spark would not see what stands behind the object.
  const parsed = withColumns(envelope, [
    {
      name: 'document',
      sql: `CASE WHEN is_valid_utf8(text) AND octet_length(value) <= ${RECORD_BYTES_MAX_DEFAULT} THEN try_parse_json(concat('[', text, ']')) END`,
    },
  ])
  const values = withColumns(
    parsed,
    fields.map(({ name }, i) => ({ name: `j${i}`, sql: document(`.${name}`) })),
  )
  const kinds = withColumns(
    values,
    fields.map((_, i) => ({ name: `k${i}`, sql: `schema_of_variant(j${i})` })),
  )
  const typed = withColumns(
    kinds,
    read.map(({ value }, i) => ({ name: place(i).value, sql: value })),
  )
  const judged = withColumns(
    typed,
    fields.map(({ nullable }, i) => ({
      name: `e${i}`,
      sql: fieldFault({ ...place(i), fault: read[i]!.fault, nullable }),
    })),
  )
  return withFaults(source, judged, futureLimit)
}

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

/** Rule 1.2: the first thing that is wrong. Names of the record are looked at only where a known one is absent. */
function withFaults(source: SourceNode, judged: RelationInit, futureLimit: boolean): RelationInit {
  const { fields } = source.schema
  const names = fields.map(({ name }) => quoteText(name)).join(', ')
  const absent = fields.map(({ name }, i) => `WHEN j${i} IS NULL THEN ${quoteText(name)}`).join(' ')
  const renamed = `(${fields.map((_, i) => `j${i} IS NULL`).join(' OR ')}) AND exists(json_object_keys(text), name -> NOT name IN (${names}))`
  const fault = `CASE WHEN NOT is_valid_utf8(text) THEN ${code('wrong_encoding')}
  WHEN octet_length(value) > ${RECORD_BYTES_MAX_DEFAULT} THEN ${code('too_large')}
  WHEN document IS NULL OR try_variant_get(document, '$[1]', 'variant') IS NOT NULL THEN ${code('malformed')}
  WHEN NOT startswith(schema_of_variant(${document('')}), 'OBJECT') THEN ${code('not_an_object')}
  WHEN ${renamed} THEN ${code('renamed_field')}
  ELSE coalesce(${fields.map((_, i) => `e${i}`).join(', ')}) END`
  const faultField = `CASE ${FAULT} WHEN ${code('renamed_field')} THEN CASE ${absent} END
  ELSE CASE ${fields.map(({ name }, i) => `WHEN e${i} IS NOT NULL THEN ${quoteText(name)}`).join(' ')} END END`
  const eventTime = fields.findIndex(({ name }) => name === source.eventTime)
  const time = columnName(eventTime, source.eventTime)
  const named = withColumns(withColumns(judged, [{ name: FAULT, sql: fault }]), [
    { name: FAULT_FIELD, sql: faultFieldOf(faultField) },
    { name: 'event_time', sql: `CASE WHEN ${FAULT} IS NULL THEN timestamp_millis(${time}) END` },
  ])
  const { maxFutureSkewMs } = source
  if (!futureLimit || maxFutureSkewMs === null) return named
  const ahead = `${FAULT} IS NULL AND ${time} > ${ARRIVAL} + ${maxFutureSkewMs}`
  return withColumns(named, [
    { name: FAULT_FIELD, sql: `CASE WHEN ${ahead} THEN ${quoteText(source.eventTime)} ELSE ${FAULT_FIELD} END` },
    { name: FAULT, sql: `CASE WHEN ${ahead} THEN ${code('from_future')} ELSE ${FAULT} END` },
  ])
}

/** What is wrong with the whole of a record is wrong with no field. */
const WHOLE: readonly RejectionCode[] = ['wrong_encoding', 'too_large', 'malformed', 'not_an_object']
const faultFieldOf = (sql: string): string =>
  `CASE WHEN ${FAULT} IS NULL OR ${FAULT} IN (${WHOLE.map(code).join(', ')}) THEN NULL ELSE ${sql} END`

/** What is counted of all records, with the progress of each batch: `records`, `rejected`, and each reason and field of rejection. */
export function countJudged(source: SourceNode, judged: RelationInit, name: string): RelationInit {
  const codes = Object.keys(rejectionCodes).map((reason) => ({
    name: `code_${reason}`,
    sql: `count_if(${FAULT} = ${quoteText(reason)})`,
  }))
  const fields = source.schema.fields.map((field) => ({
    name: `field_${field.name}`,
    sql: `count_if(${FAULT_FIELD} = ${quoteText(field.name)})`,
  }))
  const all = { name: 'records', sql: 'count(1)' }
  return collectMetrics(judged, name, [all, { name: 'rejected', sql: `count(${FAULT})` }, ...codes, ...fields])
}

/** The records that count, with nothing but place and fields. */
export const acceptedRecords = (source: SourceNode, judged: RelationInit): RelationInit =>
  project(filter(judged, `${FAULT} IS NULL`), [
    ...PLACE.map(keep),
    ...source.schema.fields.map(({ name }, i) => keep(columnName(i, name))),
  ])

/** The records that do not, raw, with the reason: columns key (`partition|offset`), value BINARY, fault, fault_field, arrival (epoch ms). */
export const rejectedRecords = (judged: RelationInit): RelationInit =>
  project(filter(judged, `${FAULT} IS NOT NULL`), [
    { name: 'key', sql: `concat(${quoteName('partition')}, '|', ${quoteName('offset')})` },
    ...['value', FAULT, FAULT_FIELD, ARRIVAL].map(keep),
  ])
