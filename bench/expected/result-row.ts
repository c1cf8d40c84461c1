import { readFileSync, writeFileSync } from 'node:fs'

/** A result row in the form that every measured program writes, a JSON line each: query, window start (epoch ms), group value as text, values. */
export type ResultRow = readonly [
  query: string,
  windowStartMs: number,
  group: string | null,
  ...values: (number | null)[],
]

/** Rows by query, window and group. A program may write a row several times, as it changes: the last one counts. */
export type ResultRows = ReadonlyMap<string, readonly (number | null)[]>

export const rowKey = (query: string, windowStartMs: number, group: string | null): string =>
  `${query} ${windowStartMs} ${group ?? '~'}`

export const queryOf = (key: string): string => key.slice(0, key.indexOf(' '))

export const windowStartOf = (key: string): number => Number(key.split(' ', 2)[1])

/** @throws SyntaxError for a line that is no JSON */
export function readRows(path: string): ResultRows {
  const rows = new Map<string, readonly (number | null)[]>()
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    if (line === '') continue
    const [query, windowStartMs, group, ...values] = JSON.parse(line) as ResultRow
    rows.set(rowKey(query, windowStartMs, group), values)
  }
  return rows
}

export function writeRows(path: string, rows: Iterable<ResultRow>): void {
  let text = ''
  for (const row of rows) text += `${JSON.stringify(row)}\n`
  writeFileSync(path, text)
}
