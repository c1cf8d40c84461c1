import type { ServedRow } from '#dataplane/sinks/sink.ts'
import type { AppPlan } from '#language/plan/plan.ts'
import { windowAggregateOf } from '#language/plan/plan.ts'
import type { ResultRow } from '../expected/result-row.ts'

/** Rows of the product in the form that all measured programs write. */
export function* resultRows(
  plan: AppPlan,
  rowsOf: (query: string) => Iterable<Pick<ServedRow, 'row'>>,
): Generator<ResultRow, void, void> {
  for (const { name, output } of plan.queries) {
    const groupField = windowAggregateOf(output)!.groupBy[0]
    for (const { row } of rowsOf(name)) yield resultRow(name, groupField, row)
  }
}

/** @param row JSON text (semantics 6.1) */
export function resultRow(query: string, groupField: string | undefined, row: string): ResultRow {
  const { window, ...fields } = JSON.parse(row) as { window: { start: string } } & Record<string, number | null>
  const start = Date.parse(window.start)
  if (groupField === undefined) return [query, start, null, ...Object.values(fields)]
  const { [groupField]: group, ...values } = fields
  return [query, start, group === null ? null : String(group), ...Object.values(values)]
}
