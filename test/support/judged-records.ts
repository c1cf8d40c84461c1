import { writeFileSync } from 'node:fs'
import { createMessageDecoder } from '#dataplane/decoding/decoder.ts'
import type { WriterSchemas } from '#dataplane/decoding/message-decoder.ts'
import { allTypes } from '#dataplane/decoding/testing/all-types-schema.fixture.ts'
import { NO_GUARD, summaryOf } from '#dataplane/decoding/testing/decode-all.fixture.ts'
import { messageWith } from '#dataplane/decoding/testing/messages.fixture.ts'
import { collectJson } from '#dataplane/engines/spark/connect/collect-rows.ts'
import type { SparkSession } from '#dataplane/engines/spark/connect/spark-session.ts'
import { CLEAN } from '#dataplane/engines/spark/lowering/clean-records.ts'
import { project, read } from '#dataplane/engines/spark/lowering/messages.ts'
import { NO_WRITERS, type RecordWriters } from '#dataplane/engines/spark/lowering/record-writers.ts'
import { FAULT, FAULT_FIELD, judgedRecords } from '#dataplane/engines/spark/lowering/records.ts'
import { columnName, quoteName } from '#dataplane/engines/spark/lowering/typed-sql.ts'
import type { SourceNode } from '#language/plan/plan.ts'
import type { TypeKind, Value } from '#language/schemas/field-types.ts'
import { NO_HEADERS } from './spark-runs.ts'

/** What becomes of a record: its values as texts that compare, or what is wrong with it. */
export interface Verdict {
  readonly fault: string | null
  readonly field: string | null
  readonly values: readonly (string | null)[]
}

const { fields } = allTypes.schema
const NOTHING: Verdict['values'] = fields.map(() => null)

export const rejectedAs = (fault: string, field: string | null): Verdict => ({ fault, field, values: NOTHING })
export const acceptedWith = (values: readonly Value[]): Verdict => ({
  fault: null,
  field: null,
  values: values.map(comparableText),
})

/** No zero has a sign. */
const comparableText = (value: Value): string | null => (value === null ? null : String(value === 0 ? 0 : value))

/** A stream of records with a field of every type. */
export const allTypesSource: SourceNode = {
  kind: 'Source',
  stream: 'records',
  ...allTypes,
  watermarkDelayMs: null,
  maxFutureSkewMs: null,
  badRecords: 'dead-letter',
}

/** What the platform makes of messages on a topic of such a stream. */
export async function judgedByPlatform(
  messages: readonly Uint8Array[],
  schemas: WriterSchemas,
): Promise<readonly Verdict[]> {
  const decoder = createMessageDecoder(allTypes, schemas)
  const given = messages.map(messageWith)
  await decoder.learnSchemas(given)
  decoder.write(given)
  const batch = decoder.take(messages.length, NO_GUARD)
  const { rows, rejected } = summaryOf(batch === undefined ? [] : [batch])
  const verdicts = new Map<number, Verdict>()
  for (const [position, ...values] of rows) verdicts.set(position as number, acceptedWith(values))
  for (const { position, rejection } of rejected) verdicts.set(position, rejectedAs(rejection.code, rejection.field))
  return messages.map((_, place) => verdicts.get(place)!)
}

/** A column of a type as the text of the value that the platform has for it. */
const comparable: { readonly [K in TypeKind]?: (column: string, scale: number) => string } = {
  date: (column) => `unix_date(${column})`,
  decimal: (column, scale) => `CAST(${column} * ${10 ** scale} AS DECIMAL(38, 0))`,
  float: (column) => `CAST(${column} AS DOUBLE)`,
}

interface JudgedRow {
  readonly offset: number
  readonly clean: boolean
  readonly fault?: string
  readonly field?: string
  readonly given: Verdict['values']
}

/** What a query on Spark makes of them, and which way it read them. @param file to hand them over in */
export async function judgedOnSpark(
  session: SparkSession,
  records: readonly Uint8Array[],
  file: string,
  writers: RecordWriters = NO_WRITERS,
): Promise<readonly { readonly offset: number; readonly clean: boolean; readonly verdict: Verdict }[]> {
  const lines = records.map((bytes, offset) => JSON.stringify({ offset, value: Buffer.from(bytes).toString('base64') }))
  writeFileSync(file, lines.join('\n'))
  const raw = project(read('json', { path: file }, { streaming: false, schema: 'offset BIGINT, value STRING' }), [
    { name: 'value', sql: 'unbase64(value)' },
    { name: 'partition', sql: '0' },
    { name: 'offset', sql: 'offset' },
    { name: 'timestamp', sql: 'timestamp_millis(0)' },
    NO_HEADERS,
  ])
  const values = fields.map(({ name, type }, i) => {
    const column = quoteName(columnName(i, name))
    const sql = comparable[type.kind]?.(column, type.kind === 'decimal' ? type.scale : 0) ?? column
    return `CASE WHEN ${FAULT} IS NULL THEN CAST(${sql} AS STRING) END`
  })
  const rows = await collectJson(
    session,
    project(judgedRecords(allTypesSource, raw, { futureLimit: false, writers }), [
      { name: 'offset', sql: 'offset' },
      { name: 'clean', sql: CLEAN },
      { name: 'fault', sql: FAULT },
      { name: 'field', sql: FAULT_FIELD },
      { name: 'given', sql: `array(${values.join(', ')})` },
    ]),
  )
  return rows.map((text) => {
    const { offset, clean, fault = null, field = null, given } = JSON.parse(text) as JudgedRow
    return { offset, clean, verdict: { fault, field, values: given.map(numberText) } }
  })
}

/** Numbers as JavaScript writes them. */
function numberText(text: string | null, index: number): string | null {
  const { kind } = fields[index]!.type
  return text !== null && (kind === 'double' || kind === 'float') ? comparableText(Number(text)) : text
}
