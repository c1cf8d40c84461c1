import Table from 'cli-table3'
import { rowCells } from '../../rows/row-cells.ts'
import type { Terminal } from '../terminal.ts'
import { visibleText } from './visible-text.ts'

/** The first rows of a query as a table, and how many more there are. */
export function resultTable(rows: Iterable<string>, rowCount: number, rowsMax: number, terminal: Terminal): string {
  if (rowCount === 0 || rowsMax === 0)
    return rowCount === 0 ? '  (no rows)\n' : `  ${rowCount.toLocaleString('en-US')} rows\n`
  const shown = [...firstOf(rows, rowsMax)].map(rowCells)
  const names = [...shown[0]!.keys()]
  const numeric = names.map((name) =>
    shown.every((cells) => cells.get(name)!.isNumber || cells.get(name)!.text === null),
  )
  const table = newTable(
    names.map((name) => terminal.style('bold', name)),
    numeric.map((right) => (right ? 'right' : 'left')),
  )
  for (const cells of shown) table.push(names.map((name) => cellText(cells.get(name)!.text, terminal)))
  const hidden = rowCount - shown.length
  return `${table.toString()}\n${hidden === 0 ? '' : terminal.style('dim', `  … and ${hidden.toLocaleString('en-US')} more rows\n`)}`
}

const cellText = (text: string | null, terminal: Terminal): string =>
  text === null ? terminal.style('dim', 'null') : visibleText(text)

function* firstOf(rows: Iterable<string>, most: number): Iterable<string> {
  let left = most
  for (const row of rows) {
    if (left-- <= 0) return
    yield row
  }
}

/** A table without inner lines. */
export function newTable(head: string[], colAligns: ('left' | 'right')[]): Table.Table {
  return new Table({
    head,
    colAligns,
    style: { head: [], border: [], compact: true },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  })
}
