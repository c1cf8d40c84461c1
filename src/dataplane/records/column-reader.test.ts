import assert from 'node:assert/strict'
import { it } from 'node:test'
import { columnReader } from './column-reader.ts'
import type { Column } from './record-batch.ts'

it('a string is the same whatever the layout of its column, a byte order mark at its start included', () => {
  const strings = ['\uFEFFzone', 'zone', '', '\uFEFF']
  const encoded = strings.map((string) => new TextEncoder().encode(string))
  const offsets = Uint32Array.from([0, ...encoded.keys()], (_, i) =>
    encoded.slice(0, i).reduce((length, bytes) => length + bytes.length, 0),
  )
  const text: Column = { layout: 'text', offsets, bytes: Buffer.concat(encoded), nulls: null }
  const dictionary: Column = {
    layout: 'dictionary',
    codes: Int32Array.from(strings.keys()),
    dictionary: { entries: strings },
  }
  for (const column of [text, dictionary])
    assert.deepEqual(
      strings.map((_, row) => columnReader(column, { kind: 'string' })(row)),
      strings,
    )
})
