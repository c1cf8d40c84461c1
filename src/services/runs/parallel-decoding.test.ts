import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createJsonDecoder } from '#dataplane/decoding/decoder.ts'
import { columnReader } from '#dataplane/records/column-reader.ts'
import { copyDecoded } from '#dataplane/records/copy-batch.ts'
import type { DecodedBatch, Dictionary } from '#dataplane/records/record-batch.ts'
import type { SourcePart } from '#dataplane/sources/source.ts'
import { createSchema } from '#language/schemas/schema.ts'
import { withScratchFolder } from '../../../test/support/scratch-folder.ts'
import { decodeParts } from './parallel-decoding.ts'

const schema = createSchema('Event', [
  { name: 'at', type: { kind: 'timestamp' }, nullable: false },
  { name: 'name', type: { kind: 'string' }, nullable: true },
])
const options = { schema, eventTime: 'at', timeZone: 'UTC' }
const entry = new URL('../../decode-thread.ts', import.meta.url)
const source = { partRead: () => {} }

/** Lines of very different length, rejected ones, empty ones, and a last one without its end. */
const text = `\ufeff${Array.from({ length: 400 }, (_, i) => {
  if (i % 37 === 0) return 'not a record'
  if (i % 50 === 0) return ''
  return JSON.stringify({ at: i, name: i % 41 === 0 ? 'long '.repeat(200) : `name ${i % 7}` })
}).join('\n')}`

function partsOf(path: string, bytes: number, size: number): readonly SourcePart[] {
  const count = Math.ceil(size / bytes)
  return Array.from({ length: count }, (_, i) => ({
    path,
    from: i * bytes,
    to: Math.min((i + 1) * bytes, size),
    last: i === count - 1,
  }))
}

/** Each record in its order: its values, or why it was rejected. */
function recordsOf(batches: readonly DecodedBatch[]): readonly unknown[] {
  return batches.flatMap(({ received, batch, rejected }) => {
    const readers = batch.columns.map((column, i) => columnReader(column, schema.fields[i]!.type))
    const records: unknown[] = Array.from({ length: received })
    for (let row = 0; row < batch.rows; row++) records[batch.positions?.[row] ?? row] = readers.map((read) => read(row))
    for (const { position, rejection } of rejected) records[position] = rejection.code
    return records
  })
}

test('parts decoded in threads give the records of the whole in their order, wherever they are cut', () =>
  withScratchFolder(async (folder) => {
    const path = join(folder, 'events.ndjson')
    writeFileSync(path, text)
    const decoder = createJsonDecoder(options)
    decoder.write(Buffer.from(text))
    decoder.end()
    const whole = recordsOf([copyDecoded(decoder.take(1e9, { arrivalMs: 0, maxFutureSkewMs: null })!)])
    assert.equal(whole.filter((record) => record === 'malformed').length, 11)
    for (const [bytes, threads] of [
      [7, 1],
      [101, 2],
      [1000, 3],
      [1_000_000, 2],
    ] as const) {
      const batches: DecodedBatch[] = []
      const parts = partsOf(path, bytes, Buffer.byteLength(text))
      for await (const batch of decodeParts(source, parts, options, { entry, threads }))
        batches.push(copyDecoded(batch))
      assert.deepEqual(recordsOf(batches), whole, `parts of ${bytes} bytes`)
    }
  }))

test('a text has the same code in the batches of all threads, in one dictionary that only grows', () =>
  withScratchFolder(async (folder) => {
    const path = join(folder, 'events.ndjson')
    writeFileSync(path, text)
    const dictionaries = new Set<Dictionary>()
    const codes = new Map<string, number>()
    const parts = partsOf(path, 1000, Buffer.byteLength(text))
    for await (const { batch } of decodeParts(source, parts, options, { entry, threads: 3 })) {
      const column = batch.columns[1]!
      assert.ok(column.layout === 'dictionary')
      dictionaries.add(column.dictionary)
      for (const code of column.codes) {
        const name: string = column.dictionary.entries[code]!
        assert.equal(codes.get(name) ?? code, code)
        codes.set(name, code)
      }
    }
    assert.equal(dictionaries.size, 1)
    assert.deepEqual([...codes.values()].sort(), [0, 1, 2, 3, 4, 5, 6, 7])
  }))

test('the last part of a file that has grown since has the lines that came', () =>
  withScratchFolder(async (folder) => {
    const path = join(folder, 'growing.ndjson')
    const lines = '{"at":1,"name":"a"}\n{"at":2,"name":"b"}\n{"at":3,"name":"c"}'
    const parts = partsOf(path, 20, 33)
    writeFileSync(path, lines)
    const batches: DecodedBatch[] = []
    for await (const batch of decodeParts(source, parts, options, { entry, threads: 2 }))
      batches.push(copyDecoded(batch))
    assert.deepEqual(recordsOf(batches), [
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
    ])
  }))

test('a file that is gone is said to be unreadable', async () => {
  const parts = partsOf('no-such-file.ndjson', 10, 20)
  await assert.rejects(decodeParts(source, parts, options, { entry, threads: 2 }).next(), {
    code: 'MSB_INPUT_UNREADABLE',
  })
})
