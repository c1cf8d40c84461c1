import { rowCells } from './row-cells.ts'

/** Rows of one query as RFC 4180 CSV with a header; null is an empty field. */
export function* csvLines(rows: readonly string[]): Iterable<string> {
  for (const [i, row] of rows.entries()) {
    const cells = rowCells(row)
    if (i === 0) yield `${[...cells.keys()].map(quoted).join(',')}\r\n`
    yield `${[...cells.values()].map((cell) => (cell === null ? '' : quoted(cell))).join(',')}\r\n`
  }
}

const quoted = (text: string): string => (text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
