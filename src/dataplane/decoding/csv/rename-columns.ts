import { RowSplitter } from './row-splitter.ts'

const LINE_FEED = 10
const NEEDS_QUOTES = /[",\r\n]/

/** A CSV header line with other names; null when it cannot be split. */
export function renameColumns(header: Uint8Array, rename: (name: string) => string): Uint8Array | null {
  const line = Uint8Array.from([...header, LINE_FEED])
  const splitter = new RowSplitter(line.length)
  if (splitter.scan(line, 0, line.length) !== 'row') return null
  const { starts, ends, doubled, count } = splitter
  const names = Array.from({ length: count }, (_, index) => {
    const text = Buffer.from(line.subarray(starts[index], ends[index])).toString()
    return rename(doubled[index] === 1 ? text.replaceAll('""', '"') : text)
  })
  return new Uint8Array(Buffer.from(names.map(quoted).join(',')))
}

const quoted = (name: string): string => (NEEDS_QUOTES.test(name) ? `"${name.replaceAll('"', '""')}"` : name)
