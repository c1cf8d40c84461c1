import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'

interface RawRow {
  readonly record: Readonly<Record<'updated' | 'id', string>>
  readonly raw: string
}

const BYTE_ORDER_MARK = '\u{FEFF}'

/**
 * Writes the rows of the survey's file in the order in which they were last updated, as they would have arrived, so that reading it as a stream meets real
 * lateness. Header and byte order mark stay. Gives the path of the sorted CSV, alone in a temporary folder.
 */
export function sortEarthquakes(path: string): string {
  const bytes = readFileSync(path)
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').replace(BYTE_ORDER_MARK, '')
  const rows = parse(text, { columns: true, raw: true }) as unknown as readonly RawRow[]
  const key = ({ record }: RawRow): string => `${record.updated} ${record.id}`
  const sorted = rows.toSorted((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0))
  const header = text.slice(0, text.indexOf('\n'))
  const sortedPath = join(mkdtempSync(join(tmpdir(), 'mysimbdp-earthquakes-')), 'earthquakes.csv')
  writeFileSync(
    sortedPath,
    `${BYTE_ORDER_MARK}${[header, ...sorted.map(({ raw }) => raw)].map((line) => line.trimEnd()).join('\n')}\n`,
  )
  return sortedPath
}
