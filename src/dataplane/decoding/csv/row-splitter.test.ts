import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { RowSplitter } from './row-splitter.ts'

type Split = readonly string[] | { readonly bad: string }

/** Splits a text that arrives in chunks; a line that is given up is `{ bad }`. */
function split(text: string, chunkBytes = 1 << 20, recordBytesMax = 1000): Split[] {
  const bytes = Buffer.from(text.endsWith('\n') || text === '' ? text : `${text}\n`)
  const splitter = new RowSplitter(recordBytesMax)
  const rows: Split[] = []
  let start = 0
  const take = (outcome: string): void => {
    const line = bytes.subarray(start, start + splitter.length)
    const field = (_: unknown, index: number): string => {
      const content = line.toString('utf8', splitter.starts[index], splitter.ends[index])
      return splitter.doubled[index] === 1 ? content.replaceAll('""', '"') : content
    }
    if (outcome === 'bad-line') rows.push({ bad: line.toString() })
    else if (splitter.length > 0) rows.push(Array.from({ length: splitter.count }, field))
    start += splitter.lengthWithEnd
  }
  const scanTo = (end: number): void => {
    for (
      let outcome = splitter.scan(bytes, start, end);
      outcome !== 'incomplete';
      outcome = splitter.scan(bytes, start, end)
    )
      take(outcome)
  }
  for (let end = 0; end < bytes.length; ) scanTo((end = Math.min(end + chunkBytes, bytes.length)))
  while (start < bytes.length) {
    take(splitter.scanLast(bytes, start, bytes.length))
    scanTo(bytes.length)
  }
  return rows
}

const oracle = (text: string): string[][] | undefined => {
  try {
    return parse(text, {
      record_delimiter: ['\n', '\r\n'],
      relax_column_count: true,
      skip_empty_lines: true,
    }) as string[][]
  } catch {
    return undefined
  }
}

const field = fc.string({
  unit: fc.constantFrom('a', ',', '"', '\n', '\r\n', ' ', 'é', '\ud83d\ude95', '0'),
  maxLength: 6,
})
const written = fc
  .tuple(field, fc.boolean())
  .map(([text, quoted]) => (quoted || /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text))
const lineEnd = fc.constantFrom('\n', '\r\n')
const row = fc
  .tuple(fc.array(written, { minLength: 1, maxLength: 5 }), lineEnd)
  .map(([fields, end]) => fields.join(',') + end)
const wellFormed = fc.array(row, { maxLength: 8 }).map((rows) => rows.join(''))
const anyText = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', 'b'), maxLength: 30 })
const chunk = fc.integer({ min: 1, max: 20 })

test('well-formed CSV is split as csv-parse splits it, however it is cut', () => {
  fc.assert(
    fc.property(wellFormed, chunk, (text, chunkBytes) => {
      assert.deepEqual(split(text, chunkBytes), oracle(text))
    }),
    { numRuns: 2000 },
  )
})

test('what csv-parse accepts of any text is split alike, what it refuses costs lines and nothing else', () => {
  fc.assert(
    fc.property(anyText, chunk, (text, chunkBytes) => {
      const rows = split(text, chunkBytes)
      assert.deepEqual(rows, split(text))
      // A carriage return at the very end of the input is the start of a line end for us, and data for csv-parse.
      if (text.endsWith('\r')) return
      const expected = oracle(text)
      if (expected !== undefined) assert.deepEqual(rows, expected)
      else assert.ok(rows.some((found) => 'bad' in found))
    }),
    { numRuns: 5000 },
  )
})

test('a quote that never ends costs its line', () => {
  assert.deepEqual(split('a,b\n1,"x\n2,y\n3,z\n'), [['a', 'b'], { bad: '1,"x' }, ['2', 'y'], ['3', 'z']])
})

test('a quote that ends in a later quoted field costs its line', () => {
  assert.deepEqual(split('1,"x\n2,"y"\n3,z\n'), [{ bad: '1,"x' }, ['2', 'y'], ['3', 'z']])
})

test('an open quote is followed for as many bytes as a record may have', () => {
  const lines = Array.from({ length: 100 }, (_, index) => `${index},abcdefgh`)
  const text = `1,"x\n${lines.join('\n')}\n`
  for (const chunkBytes of [1, 7, 64, 10_000]) {
    assert.deepEqual(split(text, chunkBytes, 64), [{ bad: '1,"x' }, ...lines.map((line) => line.split(','))])
  }
})

test('a line that is too long ends at its line feed, in quotes or not', () => {
  for (const chunkBytes of [1, 50, 10_000]) {
    const long = 'x'.repeat(100)
    assert.deepEqual(split(`${long},1\n"${long}\n1,2\n`, chunkBytes, 64), [
      { bad: `${long},1` },
      { bad: `"${long}` },
      ['1', '2'],
    ])
  }
})

test('a record of just the longest length is a row', () => {
  for (const lineEnd of ['\n', '\r\n']) {
    assert.deepEqual(split(`${'x'.repeat(64)}${lineEnd}`, 5, 64), [['x'.repeat(64)]])
  }
})

test('a row with thousands of fields is split', () => {
  const fields = Array.from({ length: 5000 }, (_, index) => String(index))
  assert.deepEqual(split(`${fields.join(',')}\n`, 999, 100_000), [fields])
})
