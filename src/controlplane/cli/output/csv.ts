import { rowCells } from './row-cells.ts'

/** Rows of one query as RFC 4180 CSV with a header; null is an empty field. */
export function* csvLines(rows: Iterable<string>): Iterable<string> {
  let first = true
  for (const row of rows) {
    const cells = rowCells(row)
    if (first) yield `${[...cells.keys()].map(quoted).join(',')}\r\n`
    first = false
    yield `${[...cells.values()].map(({ text }) => (text === null ? '' : quoted(text))).join(',')}\r\n`
  }
}

const quoted = (text: string): string =>
  text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
