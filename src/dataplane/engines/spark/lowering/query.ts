import {
  type AppPlan,
  aggregateCallsOf,
  nodesOf,
  type OutputMode,
  type OutputNode,
  type QueryPlan,
  sourceOf,
  type WindowAggregateNode,
} from '#language/plan/plan.ts'
import type { FieldType } from '#language/schemas/field-types.ts'
import { requireLowering, type Unsupported } from '../../lowering-table.ts'
import type { RelationInit } from '../connect/spark-session.ts'
import { aggregateLowerings, aggregateType } from './aggregates.ts'
import { SPARK } from './engine-name.ts'
import { lowerExpression } from './expressions.ts'
import { aggregate, type Column, collectMetrics, project, withColumns, withWatermark } from './messages.ts'
import { fieldScope, type LoweredRelation, lowerNode } from './nodes.ts'
import { NO_WRITERS, type RecordWriters } from './record-writers.ts'
import { acceptedRecords, countJudged, judgedRecords } from './records.ts'
import { illTyped, quoteName, type TypedSql } from './typed-sql.ts'
import { jsonText, keyText, timeText } from './values-text.ts'
import { CLOSES_AT, type LowerWindow, WINDOW_START, windowLowerings } from './windows.ts'

/** Names of what is observed: all records as they are read, and those that count. */
export const METRICS = { read: 'records', accepted: 'accepted' } as const

/** Settings of the session that a lowered query relies on. */
export const SESSION_SETTINGS: Readonly<Record<string, string>> = {
  'spark.sql.session.timeZone': 'UTC',
  // Decimals as text without exponent, and no failing cast that was not asked for by try_cast goes unnoticed.
  'spark.sql.ansi.enabled': 'true',
  // Rule 1.3.
  'spark.sql.variant.allowDuplicateKeys': 'true',
}

export interface LoweredQuery {
  /** Columns key and value, both STRING: the result key (rule 6.4) and the row as JSON (6.1). */
  readonly relation: RelationInit
  /** complete is run as update: Spark would write the whole table with every batch. */
  readonly outputMode: 'append' | 'update'
}

export interface LoweringInput {
  /** Columns value BINARY, headers, partition INT, offset BIGINT, timestamp TIMESTAMP (arrival), as those of Spark's Kafka source. */
  readonly records: RelationInit
  /** Those of Avro records; none by default. */
  readonly writers?: RecordWriters
  /** `none`: bounded input, no watermark and no limit on event times (rule 2.8). */
  readonly lateness: 'watermark' | 'none'
}

/** What each mode is to Spark, and whether event time closes its windows there. */
export const modeLowerings: {
  readonly [M in OutputMode]: { readonly mode: 'append' | 'update'; readonly watermark: boolean }
} = {
  append: { mode: 'append', watermark: true },
  update: { mode: 'update', watermark: true },
  complete: { mode: 'update', watermark: false },
}

/** Whether a query needs a watermark on Spark: where it closes windows, or forgets keys of deduplication. */
export const goesByWatermark = (output: OutputNode): boolean =>
  modeLowerings[output.mode].watermark || nodesOf(output).some(({ kind }) => kind === 'Deduplicate')

/**
 * The relation of one query, with its parts in this order: read and judge each record, count, leave out what is rejected, watermark, count again, then the
 * query's own steps. The second count is a barrier: Spark would move a filter over the watermark, which then would not see the records left out (rule 2.2).
 * @throws MSB_PLAN_UNSUPPORTED
 */
export function lowerQuery(
  plan: AppPlan,
  query: QueryPlan,
  { records, lateness, writers = NO_WRITERS }: LoweringInput,
): LoweredQuery {
  const source = sourceOf(query.output)
  const { mode, watermark } = modeLowerings[query.output.mode]
  const hasWatermark = lateness === 'watermark' && goesByWatermark(query.output) && source.watermarkDelayMs !== null
  const judging = { futureLimit: lateness === 'watermark', writers }
  const judged = countJudged(source, judgedRecords(source, records, judging), METRICS.read)
  const accepted = acceptedRecords(source, judged)
  const timed = hasWatermark ? withWatermark(accepted, 'event_time', source.watermarkDelayMs) : accepted
  const counted = collectMetrics(timed, METRICS.accepted, [
    { name: 'records', sql: 'count(1)' },
    { name: 'greatest_event_time', sql: 'max(unix_millis(event_time))' },
  ])
  const lowered = lowerNode(query.output.input, { relation: counted, hasWatermark })
  const relation =
    lowered.aggregation === null
      ? recordRows(lowered, plan.timeZone)
      : windowRows(lowered, lowered.aggregation, { timeZone: plan.timeZone, follows: hasWatermark && watermark })
  return { relation, outputMode: mode }
}

interface OutputField extends TypedSql {
  readonly name: string
}

const rowText = (members: readonly string[]): string => `concat('{', ${members.join(", ',', ")}, '}')`
const member = ({ name, sql, type }: OutputField, timeZone: string): string =>
  `concat('"${name}":', ${jsonText(sql, type, timeZone)})`

/** Rule 5.4. */
function recordRows({ relation, columns }: LoweredRelation, timeZone: string): RelationInit {
  const fields = [...columns].map(([name, value]) => ({ name, ...value }))
  return project(relation, [
    { name: 'key', sql: `concat(${quoteName('partition')}, '|', ${quoteName('offset')})` },
    { name: 'value', sql: rowText(fields.map((field) => member(field, timeZone))) },
  ])
}

interface WindowOptions {
  readonly timeZone: string
  /** Whether the end of a window is compared with a watermark. */
  readonly follows: boolean
}

function windowRows(
  input: LoweredRelation,
  node: WindowAggregateNode,
  { timeZone, follows }: WindowOptions,
): RelationInit {
  const { window, groupBy } = node
  const lower = requireLowering(
    SPARK,
    windowLowerings[window.kind] as LowerWindow | Unsupported,
    `${window.kind} windows`,
  )
  const groups = groupBy.map((name, i) => ({
    name,
    column: `g${i}`,
    value: input.columns.get(name) ?? illTyped(`group field '${name}'`),
  }))
  const windowed = lower(input.relation, window, { follows, isGrouped: groups.length > 0 })
  const keys = groups.map(({ column, value }) => ({ name: column, sql: value.sql }))
  const keyed = keys.length === 0 ? windowed.relation : withColumns(windowed.relation, keys)
  const { states, scope } = aggregation(input, node)
  const relation = windowed.withBounds(
    aggregate(keyed, [...windowed.groupedBy, ...groups.map(({ column }) => column)], states),
  )
  const groupFields = groups.map(({ name, column, value }) => ({ name, sql: column, type: value.type }))
  const results = node.columns.map(({ name, expression }) => ({ name, ...lowerExpression(expression, scope) }))
  return project(relation, rowColumns(groupFields, results, timeZone))
}

function rowColumns(
  groups: readonly OutputField[],
  results: readonly OutputField[],
  timeZone: string,
): readonly Column[] {
  const start = `'"window":{"start":"', ${timeText(WINDOW_START, timeZone)}`
  const bounds = `concat(${start}, '","end":"', ${timeText(`unix_millis(${CLOSES_AT})`, timeZone)}, '"}')`
  const fields = [...groups, ...results].map((field) => member(field, timeZone))
  return [
    {
      name: 'key',
      sql: `concat_ws('|', ${[WINDOW_START, ...groups.map(({ sql, type }) => keyText(sql, type))].join(', ')})`,
    },
    { name: 'value', sql: rowText([bounds, ...fields]) },
  ]
}

/** The states of each distinct aggregate call, and the results over them. */
function aggregation(input: LoweredRelation, node: WindowAggregateNode) {
  const states: Column[] = []
  const results = new Map<string, TypedSql>()
  for (const call of aggregateCallsOf(node.columns)) {
    const lower = requireLowering(SPARK, aggregateLowerings[call.function], `aggregate ${call.function}`)
    const argument = call.argument === null ? null : lowerExpression(call.argument, fieldScope(input.columns))
    const type: FieldType = aggregateType(call, argument?.type ?? null)
    const lowered = lower(argument, type)
    const columns = lowered.states.map((sql, i) => ({ name: `a${states.length + i}`, sql }))
    states.push(...columns)
    results.set(JSON.stringify(call), { sql: lowered.result(columns.map(({ name }) => name)), type })
  }
  const scope = {
    field: (name: string) => illTyped(`field '${name}' behind a window`),
    aggregate: (call: object) => results.get(JSON.stringify(call)) ?? illTyped('an aggregate'),
  }
  return { states, scope }
}
