import type { SourceNode } from '#language/plan/plan.ts'
import { rejectionCodes } from '../../../records/record-batch.ts'
import type { RelationInit } from '../connect/spark-session.ts'
import { avroRecord, IS_AVRO } from './avro/avro-records.ts'
import { CLEAN, cleanColumn, readClean } from './clean-records.ts'
import { doubtfulRecord, FOUND, REASON, REASON_FIELD } from './doubtful-records.ts'
import { type Column, collectMetrics, filter, project, withColumns } from './messages.ts'
import type { RecordWriters } from './record-writers.ts'
import { code, columnName, quoteName, quoteText } from './typed-sql.ts'
import { timeText } from './values-text.ts'

/** Columns that a record has besides its fields: its place in the log, and its event time as Spark's TIMESTAMP. */
export const PLACE = ['partition', 'offset', 'event_time'] as const
/** Epoch ms. */
export const ARRIVAL = 'arrival'
/** The code of what is wrong with a record, and the field; null for what counts. */
export const FAULT = 'fault'
export const FAULT_FIELD = 'fault_field'
/** What was there instead of what the field asks for, in full; null where there is nothing to show. */
export const FAULT_FOUND = 'fault_found'

const keep = (name: string): Column => ({ name, sql: quoteName(name) })

export interface Judging {
  /** Whether records may come from the future (rule 2.6): those of bounded input may. */
  readonly futureLimit: boolean
  readonly writers: RecordWriters
}

/**
 * Every record with its fields, or with what is wrong with it: rules 1.2 to 1.7, 1.10, 1.11 and 2.6.
 * `input` has the columns of Spark's Kafka source: value BINARY, headers ARRAY<STRUCT<key STRING, value BINARY>>, partition INT, offset BIGINT, timestamp TIMESTAMP (arrival).
 */
export function judgedRecords(
  source: SourceNode,
  input: RelationInit,
  { futureLimit, writers }: Judging,
): RelationInit {
  const { fields } = source.schema
  const envelope = withColumns(filter(input, 'octet_length(value) > 0'), [
    { name: 'text', sql: 'CAST(value AS STRING)' },
    { name: ARRIVAL, sql: 'unix_millis(timestamp)' },
  ])
  const judged = withColumns(readClean(source, envelope), [
    {
      name: 'doubtful',
      sql: `CASE WHEN ${CLEAN} THEN NULL WHEN ${IS_AVRO} THEN ${avroRecord(source, writers)} ELSE ${doubtfulRecord(source)} END`,
    },
  ])
  const values = fields.map(({ name }, i) => {
    const column = columnName(i, name)
    return { name: column, sql: `CASE WHEN ${CLEAN} THEN ${cleanColumn(i)} ELSE doubtful.${quoteName(column)} END` }
  })
  const named = withColumns(judged, [
    ...values,
    { name: FAULT, sql: source.badRecords === 'fail' ? failing(source) : `doubtful.${REASON}` },
    { name: FAULT_FIELD, sql: `doubtful.${REASON_FIELD}` },
    { name: FAULT_FOUND, sql: `doubtful.${FOUND}` },
  ])
  const time = columnName(
    fields.findIndex(({ name }) => name === source.eventTime),
    source.eventTime,
  )
  const timed = withColumns(named, [
    { name: 'event_time', sql: `CASE WHEN ${FAULT} IS NULL THEN timestamp_millis(${quoteName(time)}) END` },
  ])
  const { maxFutureSkewMs } = source
  if (!futureLimit || maxFutureSkewMs === null) return timed
  const ahead = `${FAULT} IS NULL AND ${quoteName(time)} > ${ARRIVAL} + ${maxFutureSkewMs}`
  return withColumns(timed, [
    { name: FAULT_FIELD, sql: `CASE WHEN ${ahead} THEN ${quoteText(source.eventTime)} ELSE ${FAULT_FIELD} END` },
    { name: FAULT_FOUND, sql: `CASE WHEN ${ahead} THEN ${timeText(quoteName(time), 'UTC')} ELSE ${FAULT_FOUND} END` },
    { name: FAULT, sql: `CASE WHEN ${ahead} THEN ${fromFuture(source)} ELSE ${FAULT} END` },
  ])
}

/** Ends the query at the record (rule 1.8), with a message that names it. */
const failAt = (stream: string, reason: string, field: string): string =>
  `raise_error(concat(${quoteText('MSB_RECORD_REJECTED: record ')}, offset, ' of partition ', partition, ${quoteText(` of stream '${stream}' was rejected: `)}, ${reason}, coalesce(concat(', field ', ${field}), '')))`

const failing = ({ stream }: SourceNode): string =>
  `CASE WHEN doubtful.${REASON} IS NOT NULL THEN CAST(${failAt(stream, `doubtful.${REASON}`, `doubtful.${REASON_FIELD}`)} AS STRING) END`

const fromFuture = ({ stream, badRecords, eventTime }: SourceNode): string =>
  badRecords === 'fail'
    ? `CAST(${failAt(stream, code('from_future'), quoteText(eventTime))} AS STRING)`
    : code('from_future')

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

/** The records that do not, raw, with the reason: place, headers, value BINARY, fault, fault_field, fault_found, arrival. */
export const rejectedRecords = (judged: RelationInit): RelationInit =>
  project(
    filter(judged, `${FAULT} IS NOT NULL`),
    ['partition', 'offset', 'headers', 'value', FAULT, FAULT_FIELD, FAULT_FOUND, ARRIVAL].map(keep),
  )
