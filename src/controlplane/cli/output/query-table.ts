import type { QuerySummary } from '../result-request.ts'
import type { Terminal } from '../terminal.ts'
import { resultTable } from './table.ts'

/** Rows of one query under its name and what it computes. */
export function queryTable(
  { name, window, groupBy, mode }: QuerySummary,
  rows: readonly string[],
  terminal: Terminal,
): string {
  const about = [window, groupBy === undefined || groupBy.length === 0 ? undefined : `by ${groupBy.join(', ')}`, mode]
  const head = `${terminal.style('bold', name)}  ${terminal.style('dim', about.filter((part) => part !== undefined).join(' · '))}`
  return `${head}\n${resultTable(rows, rows.length, rows.length, terminal)}`
}
