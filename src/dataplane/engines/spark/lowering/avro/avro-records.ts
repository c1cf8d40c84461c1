import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { SourceNode } from '#language/plan/plan.ts'
import type { AvroRecord } from '#language/schemas/avro/avro-type.ts'
import { parseAvroSchema } from '#language/schemas/avro/parse-avro-schema.ts'
import { unreadableField } from '../../../../decoding/avro/resolve-record.ts'
import { RECORD_BYTES_MAX_DEFAULT } from '../../../../decoding/record-limits.ts'
import { malformed, unreadableWriter } from '../../../../decoding/rejections.ts'
import type { Rejection, RejectionCode } from '../../../../records/record-batch.ts'
import { REFUSAL_HEADER } from '../../../../records/rejected-document.ts'
import { WIRE_HEADER_BYTES } from '../../../../records/wire-header.ts'
import { FOUND, REASON, REASON_FIELD } from '../doubtful-records.ts'
import { askFor, type RecordWriters, type WriterSchema } from '../record-writers.ts'
import { code, columnName, quoteText, sqlType } from '../typed-sql.ts'
import { unreadableOnSpark } from './scalar-layout.ts'
import { recordByWriter } from './written-record.ts'

/** Whether a message is Avro with the id of its schema in front (semantics 1.11). */
export const IS_AVRO = "startswith(value, X'00')"
/** Behind the zero byte, most significant byte first. */
const ID = `CAST(conv(hex(substring(value, 2, ${WIRE_HEADER_BYTES - 1})), 16, 10) AS BIGINT)`
/** What was rejected before it came onto the topic may begin with any byte. */
const IS_REFUSED = `coalesce(exists(headers, header -> header.key = ${quoteText(REFUSAL_HEADER)}), false)`

const FIRST_BYTES = 5

/**
 * A message that is Avro, by the rules 1.10 and 1.11: a struct like `doubtfulRecord`'s. Sees value BINARY, and headers as Spark's Kafka source has them.
 */
export function avroRecord(source: SourceNode, writers: RecordWriters): string {
  const withoutHeader = `concat(octet_length(value), ' bytes that begin with ', lower(hex(substring(value, 1, ${FIRST_BYTES}))))`
  const byId = writers.known.map(({ id, schema }) => `WHEN ${id} THEN ${byWriter(source, schema)}`)
  const unknown = rejected(source, { reason: code('unknown_schema'), found: `CAST(${ID} AS STRING)` })
  const asking = rejected(source, { reason: `CAST(${askFor(ID)} AS STRING)` })
  const listed = writers.unknown.map((id) => `WHEN ${id} THEN ${unknown}`)
  const otherwise = writers.asks ? asking : unknown
  const cases = [...byId, ...listed]
  return `CASE WHEN octet_length(value) < ${WIRE_HEADER_BYTES} OR ${IS_REFUSED} THEN ${rejected(source, { reason: code('malformed'), found: withoutHeader })}
  ELSE ${cases.length === 0 ? otherwise : `CASE ${ID} ${cases.join('\n')} ELSE ${otherwise} END`} END`
}

/** Base64 of the schema by which the record of a message is read; null where its bytes are shown as they are. */
export function schemaOfRecord({ schema: { fields } }: SourceNode, { known }: RecordWriters): string {
  const schemas = known.flatMap(({ id, schema }: WriterSchema) => {
    const record = parsed(schema)
    const isRead = !(record instanceof MysimbdpError) && unreadableOnSpark(record, fields) === undefined
    return isRead && unreadableField(record, fields) === undefined
      ? [`WHEN ${id} THEN ${quoteText(Buffer.from(schema).toString('base64'))}`]
      : []
  })
  if (schemas.length === 0) return 'CAST(NULL AS STRING)'
  return `CASE WHEN ${IS_AVRO} AND octet_length(value) >= ${WIRE_HEADER_BYTES} THEN CASE ${ID} ${schemas.join(' ')} END END`
}

/** The record or why its schema is none. */
function parsed(schema: string): AvroRecord | MysimbdpError {
  try {
    return parseAvroSchema(schema)
  } catch (error) {
    if (error instanceof MysimbdpError) return error
    throw error
  }
}

function byWriter(source: SourceNode, schema: string): string {
  const { fields } = source.schema
  const record = parsed(schema)
  if (record instanceof MysimbdpError) return rejectedAs(source, malformed(record.message, ''))
  const unreadable = unreadableField(record, fields) ?? unreadableOnSpark(record, fields)
  if (unreadable !== undefined) return rejectedAs(source, unreadableWriter(unreadable.field, unreadable.written))
  const bytes = `(octet_length(value) - ${WIRE_HEADER_BYTES})`
  const tooLarge = rejected(source, { reason: code('too_large'), found: `concat(${bytes}, ' bytes')` })
  return `CASE WHEN ${bytes} > ${RECORD_BYTES_MAX_DEFAULT} THEN ${tooLarge} ELSE ${recordByWriter(source, record)} END`
}

interface RejectedSql {
  /** SQL; so are the others. */
  readonly reason: string
  readonly field?: string
  readonly found?: string
}

const rejectedAs = (source: SourceNode, { code: reason, field, found }: Rejection): string =>
  rejected(source, {
    reason: code(reason as RejectionCode),
    ...(field !== null && { field: quoteText(field) }),
    ...(found !== null && { found: quoteText(found) }),
  })

const NO_TEXT = 'CAST(NULL AS STRING)'

function rejected(
  { schema: { fields } }: SourceNode,
  { reason, field = NO_TEXT, found = NO_TEXT }: RejectedSql,
): string {
  const values = fields.map(({ name, type }, i) => `${quoteText(columnName(i, name))}, CAST(NULL AS ${sqlType(type)})`)
  const parts = [
    `${quoteText(REASON)}, ${reason}`,
    `${quoteText(REASON_FIELD)}, ${field}`,
    `${quoteText(FOUND)}, ${found}`,
  ]
  return `named_struct(${[...parts, ...values].join(', ')})`
}
