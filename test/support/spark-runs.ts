import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { collectJson } from '#dataplane/engines/spark/connect/collect-rows.ts'
import { SetOperation_SetOpType } from '#dataplane/engines/spark/connect/generated/relations_pb.ts'
import type { RelationInit, SparkSession } from '#dataplane/engines/spark/connect/spark-session.ts'
import { startStreamingQuery } from '#dataplane/engines/spark/connect/streaming-query.ts'
import { project, read, sql } from '#dataplane/engines/spark/lowering/messages.ts'
import { lowerQuery } from '#dataplane/engines/spark/lowering/query.ts'
import { NO_WRITERS } from '#dataplane/engines/spark/lowering/record-writers.ts'
import { judgedRecords, rejectedRecords } from '#dataplane/engines/spark/lowering/records.ts'
import { type AppPlan, type QueryPlan, sourceOf, streamsOf } from '#language/plan/plan.ts'
import type { DeadLetter } from './expected-results.ts'
import type { ScenarioRecord } from './scenario.ts'

/** A record in its place of the log. */
export interface PlacedRecord {
  readonly partition: number
  readonly offset: number
  /** Epoch ms. */
  readonly arrival: number
  readonly bytes: Uint8Array
}

export interface SparkRow {
  readonly key: string
  readonly row: string
}

export interface SparkResults {
  readonly queries: Readonly<Record<string, readonly SparkRow[]>>
  /** By stream. */
  readonly deadLetters: Readonly<Record<string, readonly DeadLetter[]>>
}

/** The places that a log gives to records as they arrive. Empty ones are no records, and take none. */
export function placed(records: readonly ScenarioRecord[]): readonly PlacedRecord[] {
  const ends = new Map<number, number>()
  return records.map(({ partition, arrival, bytes }, index) => {
    const offset = ends.get(partition) ?? 0
    ends.set(partition, bytes.length === 0 ? offset : offset + 1)
    return { partition, offset, arrival, bytes: index === 0 ? withoutByteOrderMark(bytes) : bytes }
  })
}

/** What stands at the start of an input is skipped by who reads the input (rule 1.3); Spark reads messages. */
const withoutByteOrderMark = (bytes: Uint8Array): Uint8Array =>
  [0xef, 0xbb, 0xbf].every((byte, index) => bytes[index] === byte) ? bytes.subarray(3) : bytes

/** These queries of an app over whole inputs, and what was rejected, in one answer of Spark. `futureLimit`: not for bounded input. */
export async function runAsBatch(
  session: SparkSession,
  { plan, queries: wanted }: { readonly plan: AppPlan; readonly queries: readonly QueryPlan[] },
  inputs: Readonly<Record<string, readonly PlacedRecord[]>>,
  futureLimit: boolean,
): Promise<SparkResults> {
  const lateness = futureLimit ? 'watermark' : 'none'
  const queries = wanted.map((query) => {
    const records = valuesRelation(inputs[sourceOf(query.output).stream] ?? [])
    return named(`query ${query.name}`, lowerQuery(plan, query, { records, lateness }).relation)
  })
  const rejected = [...streamsOf(plan)].map(([stream, source]) => {
    const judged = judgedRecords(source, valuesRelation(inputs[stream] ?? []), { futureLimit, writers: NO_WRITERS })
    return named(`stream ${stream}`, project(rejectedRecords(judged), REJECTION))
  })
  const answers = await collectJson(session, [...queries, ...rejected].reduce(unionAll))
  return resultsOf(
    plan,
    answers.map((text) => JSON.parse(text) as NamedRow),
  )
}

interface NamedRow {
  readonly part: string
  readonly key: string
  readonly value: string
}

const REJECTION = [
  { name: 'key', sql: "concat(partition, '|', offset)" },
  { name: 'value', sql: "concat(fault, ' ', coalesce(fault_field, ''))" },
]

const named = (part: string, input: RelationInit): RelationInit =>
  project(input, [{ name: 'part', sql: `'${part}'` }, ...['key', 'value'].map((name) => ({ name, sql: name }))])

const unionAll = (leftInput: RelationInit, rightInput: RelationInit): RelationInit => ({
  relType: {
    case: 'setOp',
    value: { leftInput, rightInput, setOpType: SetOperation_SetOpType.UNION, isAll: true },
  },
})

function resultsOf(plan: AppPlan, rows: readonly NamedRow[]): SparkResults {
  const of = (part: string): readonly NamedRow[] => rows.filter((row) => row.part === part)
  const queries = plan.queries.map(({ name }) => [
    name,
    of(`query ${name}`).map(({ key, value }) => ({ key, row: value })),
  ])
  const deadLetters = [...streamsOf(plan).keys()].map((stream) => [stream, of(`stream ${stream}`).map(deadLetterOf)])
  return { queries: Object.fromEntries(queries), deadLetters: Object.fromEntries(deadLetters) }
}

function deadLetterOf({ key, value }: NamedRow): DeadLetter {
  const [partition, offset] = key.split('|').map(Number) as [number, number]
  const [code, field] = value.split(' ') as [string, string]
  return { partition, offset, code, field: field === '' ? null : field }
}

/** What messages without headers have of them in Spark's Kafka source. */
export const NO_HEADERS = { name: 'headers', sql: 'CAST(NULL AS ARRAY<STRUCT<key: STRING, value: BINARY>>)' }

/** Records in the columns of Spark's Kafka source, within the query itself. */
function valuesRelation(records: readonly PlacedRecord[]): RelationInit {
  const rows = records.map(
    ({ partition, offset, arrival, bytes }) =>
      `(X'${Buffer.from(bytes).toString('hex')}', ${partition}, ${offset}L, timestamp_millis(${arrival}L))`,
  )
  // A table needs a row; an empty record is none.
  const values = rows.length === 0 ? ["(X'', 0, 0L, timestamp_millis(0L))"] : rows
  return sql(
    `SELECT *, ${NO_HEADERS.sql} AS ${NO_HEADERS.name} FROM VALUES ${values.join(', ')} AS records(value, partition, offset, timestamp)`,
  )
}

/** A query over a file of one record a line, as one batch. */
export async function runOnFile(
  session: SparkSession,
  { plan, query }: { readonly plan: AppPlan; readonly query: QueryPlan },
  file: string,
): Promise<readonly SparkRow[]> {
  const records = project(read('text', { path: file }, { streaming: false }), [
    { name: 'value', sql: 'CAST(value AS BINARY)' },
    { name: 'partition', sql: '0' },
    { name: 'offset', sql: 'monotonically_increasing_id()' },
    { name: 'timestamp', sql: 'current_timestamp()' },
    NO_HEADERS,
  ])
  const { relation } = lowerQuery(plan, query, { records, lateness: 'none' })
  const rows = (await collectJson(session, relation)).map((text) => JSON.parse(text) as NamedRow)
  return rows.map(({ key, value }) => ({ key, row: value }))
}

/**
 * One query over a stream: each step is a file, and a batch of Spark. A file without records follows each, in whose batch Spark acts on the watermark that the
 * step has moved.
 * @returns the last row of each key
 */
export async function runAsStream(
  session: SparkSession,
  { plan, query }: { readonly plan: AppPlan; readonly query: QueryPlan },
  steps: readonly (readonly PlacedRecord[])[],
  folder: string,
): Promise<readonly SparkRow[]> {
  const table = `results_${tables++}`
  const input = join(folder, table)
  mkdirSync(input)
  writeSteps(input, steps)
  const { relation, outputMode } = lowerQuery(plan, query, { records: fileRelation(input), lateness: 'watermark' })
  const options = { checkpointLocation: join(folder, `${table}-checkpoint`) }
  const trigger = 'available now' as const
  const running = await startStreamingQuery(session, {
    name: table,
    input: relation,
    outputMode,
    format: 'memory',
    options,
    trigger,
  })
  await running.processAllAvailable()
  const rows = await collectJson(session, sql(`SELECT key, value FROM ${table}`))
  const last = new Map(rows.map((text) => JSON.parse(text) as NamedRow).map(({ key, value }) => [key, value]))
  return [...last].map(([key, row]) => ({ key, row }))
}

let tables = 0

/** Spark takes files by the time of their last change. */
function writeSteps(folder: string, steps: readonly (readonly PlacedRecord[])[]): void {
  for (const [index, lines] of steps.flatMap((step) => [step, []]).entries()) {
    const file = join(folder, `${String(index).padStart(4, '0')}.json`)
    const texts = lines.map(({ bytes, ...place }) =>
      JSON.stringify({ ...place, value: Buffer.from(bytes).toString('base64') }),
    )
    writeFileSync(file, texts.join('\n'))
    utimesSync(file, FIRST_CHANGE_S + index, FIRST_CHANGE_S + index)
  }
}

const FIRST_CHANGE_S = 1_700_000_000
const FILE_SCHEMA = 'value STRING, partition INT, offset BIGINT, arrival BIGINT'

const fileRelation = (folder: string): RelationInit =>
  project(read('json', { path: folder, maxFilesPerTrigger: '1' }, { streaming: true, schema: FILE_SCHEMA }), [
    { name: 'value', sql: 'unbase64(value)' },
    { name: 'partition', sql: 'partition' },
    { name: 'offset', sql: 'offset' },
    { name: 'timestamp', sql: 'timestamp_millis(arrival)' },
    NO_HEADERS,
  ])
