import { rowCells } from './row-cells.ts'

/** Rows of one query as RFC 4180 CSV with a header; null is an empty field. */
export function* csvLines(rows: Iterable<string>): Iterable<string> {
  let first = true
  for (const row of rows) {
    if (first) yield csvHeader(row)
    first = false
    yield csvLine(row)
  }
}

/** The names of the columns that a row has. */
export const csvHeader = (row: string): string => `${[...rowCells(row).keys()].map(quoted).join(',')}\r\n`

export const csvLine = (row: string): string =>
  `${[...rowCells(row).values()].map(({ text }) => (text === null ? '' : quoted(text))).join(',')}\r\n`

const quoted = (text: string): string =>
  text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
