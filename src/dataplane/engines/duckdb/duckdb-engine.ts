import type { DuckDBConnection, DuckDBListValue, DuckDBValue } from '@duckdb/node-api'
import { zoneRules } from '#foundation/time/zone.ts'
import { type AppPlan, type QueryPlan, type SourceNode, sourceOf } from '#language/plan/plan.ts'
import { requireSupport } from '#language/plan/unsupported-parts.ts'
import type { Window } from '#language/windows/window.ts'
import { withBatchDatabase } from './batch-database.ts'
import { calendarWindows } from './calendar-windows.ts'
import { duckdbCapabilities } from './capabilities.ts'
import { type BatchRecord, loadRecords } from './load-records.ts'
import { type InputEnd, type LoweredQuery, lowerQuery } from './lowering/query.ts'
import { calendarTable } from './lowering/windows.ts'
import { jsonText, keyText, timeText } from './result-text.ts'

export interface BatchOptions {
  readonly end: InputEnd
  /** Partitions of each stream, empty ones included; otherwise those up to the greatest that has a record. */
  readonly partitions?: Readonly<Record<string, number>>
}

export interface LateRecord {
  readonly partition: number
  readonly offset: number
  /** Starts of the windows it missed, epoch ms. */
  readonly windows: readonly number[]
}

export interface BatchResult {
  /** Rows as JSON text (rules 6.1 to 6.3), in the order of rule 6.5; without a window by partition and offset. */
  readonly rows: readonly string[]
  /** The key of each row (rule 6.4). */
  readonly keys: readonly string[]
  /** Records that missed at least one window. */
  readonly late: number
  readonly lateRecords: readonly LateRecord[]
}

/**
 * Computes every query of an app over the accepted records of its streams (event time in `source.eventTime`, epoch ms), in any order.
 * @throws MSB_PLAN_UNSUPPORTED for what DuckDB cannot do
 */
export async function evaluateWithDuckDb(
  plan: AppPlan,
  records: Readonly<Record<string, readonly BatchRecord[]>>,
  options: BatchOptions,
): Promise<{ readonly queries: Readonly<Record<string, BatchResult>> }> {
  requireSupport(plan, duckdbCapabilities)
  return withBatchDatabase(async (connection) => {
    const tables = await loadStreams(connection, plan, records)
    const queries: Record<string, BatchResult> = {}
    for (const query of plan.queries) {
      const { stream } = sourceOf(query.output)
      const table = tables.get(stream)!
      const partitions = options.partitions?.[stream] ?? partitionsOf(records[stream] ?? [])
      const lowered = lowerQuery(query.output, { table, partitions, end: options.end })
      if (lowered.window !== null) await createCalendar(connection, lowered.window, table)
      queries[query.name] = await runQuery(connection, plan, lowered)
    }
    return { queries }
  })
}

const partitionsOf = (records: readonly BatchRecord[]): number =>
  records.reduce((count, { partition }) => Math.max(count, partition + 1), 1)

/** One table for each stream; its name by stream. */
async function loadStreams(
  connection: DuckDBConnection,
  plan: AppPlan,
  records: Readonly<Record<string, readonly BatchRecord[]>>,
) {
  const sources = new Map<string, SourceNode>(
    plan.queries.map((query: QueryPlan) => [sourceOf(query.output).stream, sourceOf(query.output)]),
  )
  const tables = new Map<string, string>()
  for (const [stream, source] of sources) {
    const table = `s${tables.size}_${stream}`
    await loadRecords(connection, table, source, records[stream] ?? [])
    tables.set(stream, table)
  }
  return tables
}

/** The calendar windows that records of this table fall into. */
async function createCalendar(connection: DuckDBConnection, window: Window, table: string): Promise<void> {
  if (window.kind !== 'calendar') return
  const name = calendarTable(window.unit, window.timeZone)
  await connection.run(`CREATE OR REPLACE TEMP TABLE ${name} (starts_at BIGINT, ends_at BIGINT)`)
  const days = await connection.runAndReadAll(
    `SELECT DISTINCT floor_divide(event_time, 86400000) AS day FROM ${table} ORDER BY day`,
  )
  const utcDays = days.getRows().map(([day]) => Number(day))
  const spans = calendarWindows(window.unit, zoneRules(window.timeZone), utcDays)
  if (spans.length === 0) return
  await connection.run(
    `INSERT INTO ${name} VALUES ${spans.map(({ startMs, endMs }) => `(${startMs}, ${endMs})`).join(', ')}`,
  )
}

async function runQuery(connection: DuckDBConnection, plan: AppPlan, lowered: LoweredQuery): Promise<BatchResult> {
  const rows = (await connection.runAndReadAll(lowered.rows)).getRows()
  const late = lowered.late === null ? [] : (await connection.runAndReadAll(lowered.late)).getRows()
  const lateRecords = late.map(([partition, offset, windows]) => ({
    partition: Number(partition),
    offset: Number(offset),
    windows: (windows as DuckDBListValue).items.map(Number),
  }))
  return {
    rows: rows.map((row) => rowText(row, lowered, plan.timeZone)),
    keys: rows.map((row) => rowKey(row, lowered)),
    late: lateRecords.length,
    lateRecords,
  }
}

function rowText(
  [first, second, ...values]: readonly DuckDBValue[],
  { window, groups, results }: LoweredQuery,
  timeZone: string,
): string {
  const fields = [...groups, ...results].map(
    ({ name, type }, i) => `${JSON.stringify(name)}:${jsonText(values[i]!, type, timeZone)}`,
  )
  const bounds = `"window":{"start":"${timeText(Number(first), timeZone)}","end":"${timeText(Number(second), timeZone)}"}`
  return `{${[...(window === null ? [] : [bounds]), ...fields].join(',')}}`
}

function rowKey([first, second, ...values]: readonly DuckDBValue[], { window, groups }: LoweredQuery): string {
  if (window === null) return `${first}|${second}`
  return [String(first), ...groups.map(({ type }, i) => keyText(values[i]!, type))].join('|')
}
