import {
  aggregateCallsOf,
  type OutputMode,
  type OutputNode,
  type SourceNode,
  sourceOf,
  type WindowAggregateNode,
} from '#language/plan/plan.ts'
import type { FieldType } from '#language/schemas/field-types.ts'
import type { Window } from '#language/windows/window.ts'
import { requireLowering, type Unsupported } from '../../lowering-table.ts'
import { aggregateLowerings } from './aggregates.ts'
import { lowerExpression } from './expressions.ts'
import { fieldScope, lowerRelation, type Relation } from './relations.ts'
import { illTyped, type TypedSql } from './typed-sql.ts'
import { windowLowerings } from './windows.ts'

/**
 * How far the input goes. `bounded`: all of it, in any order, no watermark (rule 2.8). `as-stream`: the watermark follows each record, and at the end
 * all windows close. `open`: more may come, so append has rows only for windows that every partition has passed (rule 2.4).
 */
export type InputEnd = 'bounded' | 'as-stream' | 'open'

export interface OutputColumn {
  readonly name: string
  readonly type: FieldType
}

export interface LoweredQuery {
  /** Selects window_start and window_end (epoch ms), or "partition" and "offset" without a window; then groups, then results; in the order of rule 6.5. */
  readonly rows: string
  /** Selects "partition", "offset" and the list of missed window starts; null where no record can be late. */
  readonly late: string | null
  readonly window: Window | null
  readonly groups: readonly OutputColumn[]
  readonly results: readonly OutputColumn[]
}

export interface LoweringInput {
  readonly table: string
  /** Partitions of the stream, empty ones included. */
  readonly partitions: number
  readonly end: InputEnd
}

/** Pure: SQL for one query over a table of accepted records, late ones included. */
export function lowerQuery(output: OutputNode, input: LoweringInput): LoweredQuery {
  const relation = lowerRelation(output.input, { name: input.table, watermarks: input.end !== 'bounded' })
  return relation.aggregation === null
    ? lowerRecords(relation)
    : lowerWindows(output, relation, relation.aggregation, input)
}

/** A value as it leaves the database: the shortest text of a float is that of a double. */
const leaving = ({ sql, type }: TypedSql): string =>
  type.kind === 'float' ? `CAST(CAST(${sql} AS VARCHAR) AS DOUBLE)` : sql

/** Rule 5.4. */
function lowerRecords({ ctes, columns }: Relation): LoweredQuery {
  const values = [...columns.values()].map(leaving)
  return {
    rows: `WITH ${ctes.join(',\n')}\nSELECT "partition", "offset", ${values.join(', ')}\nFROM step${ctes.length}\nORDER BY "partition", "offset"`,
    late: null,
    window: null,
    groups: [],
    results: [...columns].map(([name, { type }]) => ({ name, type })),
  }
}

function lowerWindows(
  output: OutputNode,
  relation: Relation,
  node: WindowAggregateNode,
  input: LoweringInput,
): LoweredQuery {
  const source = sourceOf(output)
  const windowed = [...relation.ctes, ...windowCtes(relation, node.window, lateness(output))]
  const groups = node.groupBy.map((name) => ({
    name,
    value: relation.columns.get(name) ?? illTyped(`group field '${name}'`),
  }))
  const { cte, scope } = aggregation(
    relation,
    node,
    groups.map(({ value }) => value.sql),
  )
  const results = node.columns.map(({ name, expression }) => ({ name, value: lowerExpression(expression, scope) }))
  const order = ['window_start', ...groups.map(({ value }) => `${value.sql} NULLS FIRST`)]
  const columns = [...groups.map(({ value }) => value.sql), ...results.map(({ value }) => leaving(value))]
  return {
    rows: `WITH ${[...windowed, cte].join(',\n')}
SELECT window_start, window_end, ${columns.join(', ')}
FROM aggregated${input.end === 'open' ? `\nWHERE ${openWindows[output.mode](source, output.keepMs, input)}` : ''}
ORDER BY ${order.join(', ')}`,
    late: `WITH ${windowed.join(',\n')}
SELECT "partition", "offset", list(window_start ORDER BY window_start)
FROM judged WHERE late GROUP BY "partition", "offset" ORDER BY "partition", "offset"`,
    window: node.window,
    groups: groups.map(({ name, value }) => ({ name, type: value.type })),
    results: results.map(({ name, value }) => ({ name, type: value.type })),
  }
}

/** Rule 2.3: each record once for each of its windows, with the verdict for that window. */
function windowCtes(relation: Relation, window: Window, late: string): readonly string[] {
  const lower = requireLowering(
    'duckdb',
    windowLowerings[window.kind] as WindowLowering | Unsupported,
    `${window.kind} windows`,
  )
  const { join, start, end } = lower(window)
  const records = `step${relation.ctes.length}`
  return [
    `windowed AS (\n  SELECT ${records}.*, ${start} AS window_start, ${end} AS window_end\n  FROM ${records} ${join}\n)`,
    `judged AS (\n  SELECT *, ${late} AS late FROM windowed\n)`,
  ]
}

type WindowLowering = (window: Window) => { readonly join: string; readonly start: string; readonly end: string }

/** Rules 2.3 and 2.5. A watermark that is NULL is minus infinity. */
function lateness({ mode, keepMs }: OutputNode): string {
  if (mode !== 'complete') return 'coalesce(window_end <= watermark, false)'
  return keepMs === null ? 'false' : `coalesce(window_end <= watermark - ${keepMs}, false)`
}

/** One row for each window and group that has a counted record (rule 5.2), with a column for each distinct aggregate call. */
function aggregation(relation: Relation, node: WindowAggregateNode, groups: readonly string[]) {
  const scope = fieldScope(relation.columns)
  const calls = new Map<string, TypedSql>()
  for (const call of aggregateCallsOf(node.columns)) {
    const lower = requireLowering('duckdb', aggregateLowerings[call.function], `aggregate ${call.function}`)
    calls.set(JSON.stringify(call), lower(call.argument === null ? null : lowerExpression(call.argument, scope)))
  }
  const keys = ['window_start', 'window_end', ...groups]
  const columns = [...calls.values()].map(({ sql }, i) => `${sql} AS a${i}`)
  const names = new Map([...calls].map(([key, { type }], i) => [key, { sql: `a${i}`, type }]))
  return {
    cte: `aggregated AS (\n  SELECT ${[...keys, ...columns].join(',\n    ')}\n  FROM judged WHERE NOT late\n  GROUP BY ${keys.join(', ')}\n)`,
    scope: {
      field: (name: string) => illTyped(`field '${name}' behind a window`),
      aggregate: (call: object) => names.get(JSON.stringify(call)) ?? illTyped('an aggregate'),
    },
  }
}

type OpenWindows = (source: SourceNode, keepMs: number | null, input: LoweringInput) => string

/** Which windows have rows while more may come (rules 2.4, 2.5, 5.1). */
export const openWindows: { readonly [M in OutputMode]: OpenWindows } = {
  append: (source, _keepMs, input) => `coalesce(window_end <= ${closing(source, input)}, false)`,
  update: () => 'true',
  complete: (source, keepMs, input) =>
    keepMs === null ? 'true' : `NOT coalesce(window_end <= ${closing(source, input)} - ${keepMs}, false)`,
}

/** The minimum over all partitions of (greatest event time - delay); NULL, minus infinity, while a partition is empty or without a watermark. */
function closing({ watermarkDelayMs }: SourceNode, { table, partitions }: LoweringInput): string {
  if (watermarkDelayMs === null) return 'CAST(NULL AS BIGINT)'
  return `(SELECT CASE WHEN count(*) = ${partitions} THEN min(newest) - ${watermarkDelayMs} END
    FROM (SELECT max(event_time) AS newest FROM ${table} GROUP BY "partition"))`
}
