import type { SourceNode } from '#language/plan/plan.ts'
import { typeName } from '#language/schemas/field-types.ts'
import { RECORD_BYTES_MAX_DEFAULT } from '../../../decoding/record-limits.ts'
import type { Rejection } from '../../../records/record-batch.ts'
import { REFUSAL_HEADER, type RefusalDocument, type RejectedDocument } from '../../../records/rejected-document.ts'
import { WIRE_HEADER_BYTES } from '../../../records/wire-header.ts'
import type { RelationInit } from '../connect/spark-session.ts'
import { IS_AVRO, schemaOfRecord } from './avro/avro-records.ts'
import { project, withColumns } from './messages.ts'
import { METRICS } from './query.ts'
import type { RecordWriters } from './record-writers.ts'
import { ARRIVAL, countJudged, FAULT, FAULT_FIELD, FAULT_FOUND, judgedRecords, rejectedRecords } from './records.ts'
import { code, quoteText } from './typed-sql.ts'
import { timeText } from './values-text.ts'

const FOUND_CHARACTERS_MAX = 80

type Sql<T> = { readonly [K in keyof T]: string }

/**
 * The dead letters of a stream (rule 1.1), as whoever reads them from Kafka knows them: columns partition INT, that of the record, and value STRING, a `RejectedDocument`.
 * The query also counts all records, so that each is counted once for its stream. `records` has the columns of Spark's Kafka source, headers among them.
 */
export function lowerDeadLetters(source: SourceNode, records: RelationInit, writers: RecordWriters): RelationInit {
  const judged = countJudged(source, judgedRecords(source, records, { futureLimit: true, writers }), METRICS.read)
  const found = `CASE WHEN char_length(${FAULT_FOUND}) > ${FOUND_CHARACTERS_MAX} THEN concat(left(${FAULT_FOUND}, ${FOUND_CHARACTERS_MAX - 1}), '…') ELSE ${FAULT_FOUND} END`
  const rejection: Sql<Rejection> = { code: FAULT, field: FAULT_FIELD, expected: expected(source), found }
  const isRefused = 'refusal.rejection.code IS NOT NULL'
  const document: Sql<RejectedDocument> = {
    kind: "'rejected'",
    offset: 'offset',
    arrivalMs: ARRIVAL,
    rejection: `CASE WHEN ${isRefused} THEN refusal.rejection ELSE ${struct(rejection)} END`,
    // What is larger has no place in a message, in base64.
    raw: `base64(substring(record, 1, ${RECORD_BYTES_MAX_DEFAULT}))`,
    rawLength: `CASE WHEN ${isRefused} THEN refusal.rawLength ELSE octet_length(record) END`,
    format: `CASE WHEN ${isRefused} THEN refusal.format WHEN avro IS NOT NULL THEN map('kind', 'avro', 'schema', avro) ELSE map('kind', 'json') END`,
  }
  const seen = withColumns(rejectedRecords(judged), [
    { name: 'refusal', sql: REFUSAL },
    { name: 'avro', sql: schemaOfRecord(source, writers) },
  ])
  // Of Avro the bytes behind the header, which go with the schema.
  const record = `CASE WHEN avro IS NOT NULL AND NOT ${isRefused} THEN substring(value, ${WIRE_HEADER_BYTES + 1}) ELSE value END`
  const refused = withColumns(seen, [{ name: 'record', sql: record }])
  return project(refused, [
    { name: 'partition', sql: 'partition' },
    { name: 'value', sql: `to_json(${struct(document)}, map('ignoreNullFields', 'false'))` },
  ])
}

/** What whoever rejected the record before has said of it. */
const REFUSAL_TYPE: Sql<RefusalDocument> = {
  rejection: 'STRUCT<code STRING, field STRING, expected STRING, found STRING>',
  format: 'MAP<STRING, STRING>',
  rawLength: 'BIGINT',
}
const REFUSAL_TEXT = `CAST(get(filter(headers, header -> header.key = ${quoteText(REFUSAL_HEADER)}), 0).value AS STRING)`
const REFUSAL = `from_json(${REFUSAL_TEXT}, ${quoteText(
  Object.entries(REFUSAL_TYPE)
    .map(([name, type]) => `${name} ${type}`)
    .join(', '),
)})`

const struct = <T>(members: Sql<T>): string =>
  `named_struct(${Object.entries<string>(members)
    .flatMap(([name, sql]) => [quoteText(name), sql])
    .join(', ')})`

/** What the schema asks for, in the words of the decoders. */
function expected({ schema: { fields }, maxFutureSkewMs }: SourceNode): string {
  const types = fields.map(({ name, type }) => `WHEN ${quoteText(name)} THEN ${quoteText(typeName(type))}`).join(' ')
  return `CASE ${FAULT} WHEN ${code('wrong_encoding')} THEN 'UTF-8' WHEN ${code('too_large')} THEN 'at most ${RECORD_BYTES_MAX_DEFAULT} bytes'
  WHEN ${code('malformed')} THEN CASE WHEN avro IS NOT NULL THEN 'a record in the form of its Avro schema' WHEN ${IS_AVRO} THEN ${quoteText(AVRO)} ELSE 'a JSON object' END
  WHEN ${code('unknown_schema')} THEN 'the id of a schema in the registry'
  WHEN ${code('not_an_object')} THEN 'a JSON object'
  WHEN ${code('from_future')} THEN concat('at most ', ${timeText(`${ARRIVAL} + ${maxFutureSkewMs ?? 0}`, 'UTC')})
  ELSE CASE ${FAULT_FIELD} ${types} END END`
}

const AVRO = 'a zero byte, the id of a schema of records in 4 bytes, and a record in Avro'
