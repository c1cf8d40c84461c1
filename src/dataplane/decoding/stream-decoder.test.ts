import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSchema } from '#language/schemas/schema.ts'
import { copyBatch, copyDecoded } from '../records/copy-batch.ts'
import type { Column } from '../records/record-batch.ts'
import { createJsonDecoder, type Decoder } from './decoder.ts'
import { sliceDecoded } from './slice-decoded.ts'
import { decodeAll, NO_GUARD, summaryOf, valuesOf } from './testing/decode-all.fixture.ts'

const schema = createSchema('Event', [
  { name: 'at', type: { kind: 'timestamp' }, nullable: false },
  { name: 'name', type: { kind: 'string' }, nullable: true },
  { name: 'number', type: { kind: 'long' }, nullable: true },
])
const options = { schema, eventTime: 'at', timeZone: 'America/Chicago' }
const MIB = 1024 * 1024
const line = (at: number, name = 'a'): string => `{"at":${at},"name":"${name}"}\n`
const decoderOf = (text: string): Decoder => {
  const decoder = createJsonDecoder(options)
  decoder.write(Buffer.from(text))
  decoder.end()
  return decoder
}
const nameColumn = (columns: readonly Column[]): Column => columns[1]!

test('a batch has at most the records asked for, rejected ones counted', () => {
  const decoder = decoderOf(`${line(1)}x\n${line(2)}${line(3)}y\n`)
  assert.equal(decoder.pending, 5)
  const first = decoder.take(3, NO_GUARD)!
  assert.deepEqual([first.received, first.batch.rows, [...first.batch.positions!]], [3, 2, [0, 2]])
  const second = decoder.take(3, NO_GUARD)!
  assert.deepEqual([second.received, second.batch.rows, second.batch.positions], [2, 1, null])
  assert.equal(second.rejected[0]!.position, 1)
  assert.equal(decoder.take(3, NO_GUARD), undefined)
})

test('a record from further ahead than the skew is rejected with its bytes', () => {
  const decoder = decoderOf(`${line(100)}x\n${line(101)}${line(90)}`)
  const { batch, rejected, received } = decoder.take(10, { arrivalMs: 80, maxFutureSkewMs: 20 })!
  assert.equal(received, 4)
  assert.deepEqual([...batch.eventTimes], [100, 90])
  assert.deepEqual([...batch.positions!], [0, 3])
  assert.deepEqual(
    rejected.map(({ position, rejection }) => [position, rejection.code]),
    [
      [1, 'malformed'],
      [2, 'from_future'],
    ],
  )
  assert.equal(Buffer.from(rejected[1]!.raw).toString(), line(101).trimEnd())
  assert.deepEqual(rejected[1]!.rejection, {
    code: 'from_future',
    field: 'at',
    expected: 'at most 1970-01-01T00:00:00.100Z',
    found: '1970-01-01T00:00:00.101Z',
  })
})

test('pending records keep their bytes while more are written', () => {
  const decoder = createJsonDecoder(options)
  for (let i = 0; i < 2000; i++) decoder.write(Buffer.from(line(i, 'x'.repeat(1000))))
  assert.equal(decoder.pending, 2000)
  decoder.take(500, NO_GUARD)
  decoder.write(Buffer.from(line(9, 'y'.repeat(900_000))))
  const { rejected, batch } = decoder.take(10, { arrivalMs: 0, maxFutureSkewMs: 0 })!
  assert.equal(batch.rows, 0)
  assert.equal(Buffer.from(rejected[0]!.raw).toString(), line(500, 'x'.repeat(1000)).trimEnd())
})

test('a copy of a taken batch is not changed by later writes', () => {
  const decoder = createJsonDecoder(options)
  decoder.write(Buffer.from(`${line(1, 'one')}${line(2, 'two')}`))
  const batch = copyBatch(decoder.take(10, NO_GUARD)!.batch)
  const before = valuesOf(batch)
  for (let i = 0; i < 1000; i++) decoder.write(Buffer.from(line(i, `later ${i}`)))
  decoder.take(10_000, NO_GUARD)
  assert.deepEqual(valuesOf(batch), before)
})

test('a record over the limit is rejected with its bytes, and the next one is read', () => {
  const input = `${line(1, 'x'.repeat(10 * MIB))}${line(2)}`
  const { rows, rejected } = decodeAll(createJsonDecoder(options), input)
  assert.deepEqual(rows, [[1, 2, 'a', null]])
  assert.equal(rejected[0]!.rejection.code, 'too_large')
  assert.equal(rejected[0]!.rejection.found, `${line(1, 'x'.repeat(10 * MIB)).length - 1} bytes`)
  assert.equal(rejected[0]!.raw.length, line(1, 'x'.repeat(10 * MIB)).length - 1)
})

test('the limit counts a record without its line end', () => {
  const size = line(1).length - 1
  for (const end of ['\n', '\r\n']) {
    const input = `${line(1).trimEnd()}${end}`.repeat(5) + `${line(1, 'ab').trimEnd()}${end}`.repeat(5)
    const { rows, rejected } = decodeAll(createJsonDecoder({ ...options, recordBytesMax: size }), input)
    assert.deepEqual([rows.length, rejected.length], [5, 5])
  }
})

test('a line of 40 MB is kept up to 16 MiB, and its encoding is judged by what is kept', () => {
  const bytesOf = (filler: string): ReturnType<typeof decodeAll> => {
    const decoder = createJsonDecoder(options)
    const block = Buffer.from(filler.repeat(MIB / Buffer.byteLength(filler)))
    decoder.write(Buffer.from('{"at":1,"name":"'))
    const before = process.memoryUsage().arrayBuffers
    for (let i = 0; i < 40; i++) decoder.write(block)
    assert.ok(process.memoryUsage().arrayBuffers - before < 60 * MIB)
    const decoded = decodeAll(decoder, `"}\r\n${line(2)}`)
    return decoded
  }
  for (const filler of ['x', 'é', '\ud83d\ude95']) {
    const { rows, rejected } = bytesOf(filler)
    assert.deepEqual(rows, [[1, 2, 'a', null]])
    assert.equal(rejected[0]!.rejection.code, 'too_large')
    assert.equal(rejected[0]!.rejection.found, `${40 * MIB + 18} bytes`)
    assert.equal(rejected[0]!.raw.length, 16 * MIB)
  }
})

test('an overlong line at the end of the input is a record too', () => {
  const decoder = createJsonDecoder(options)
  for (let i = 0; i < 20; i++) decoder.write(Buffer.alloc(MIB, 0xff))
  const { rejected, received } = decodeAll(decoder, '')
  assert.equal(received, 1)
  assert.equal(rejected[0]!.rejection.code, 'wrong_encoding')
})

test('batches share a dictionary until the dictionaries are reset', () => {
  const decoder = createJsonDecoder(options)
  const take = (): Extract<Column, { layout: 'dictionary' }> => {
    const column = nameColumn(decoder.take(10, NO_GUARD)!.batch.columns)
    assert.equal(column.layout, 'dictionary')
    return column as Extract<Column, { layout: 'dictionary' }>
  }
  decoder.write(Buffer.from(`${line(1, 'a')}${line(2, 'b')}{"at":3}\n`))
  const first = take()
  assert.deepEqual([...first.codes], [0, 1, -1])
  decoder.write(Buffer.from(`${line(1, 'b')}${line(2, 'c')}`))
  const second = take()
  assert.equal(second.dictionary, first.dictionary)
  assert.deepEqual([...second.codes], [1, 2])
  decoder.write(Buffer.from(`${line(1, 'c')}${line(2, 'c')}{"at":3}\n`))
  decoder.resetDictionaries()
  decoder.write(Buffer.from(line(3, 'd')))
  const third = take()
  assert.notEqual(third.dictionary, first.dictionary)
  assert.deepEqual(third.dictionary.entries, ['c', 'd'])
  assert.deepEqual([...third.codes], [0, 0, -1, 1])
  assert.deepEqual(first.dictionary.entries, ['a', 'b', 'c'])
})

test('a column whose values are nearly all distinct becomes text, and a dictionary again after a reset', () => {
  const decoder = createJsonDecoder(options)
  const layouts: string[] = []
  const write = (from: number): void => {
    decoder.write(Buffer.from(Array.from({ length: 3000 }, (_, i) => line(i, `id ${from + i}`)).join('')))
    const { batch } = decoder.take(3000, NO_GUARD)!
    layouts.push(nameColumn(batch.columns).layout)
    assert.equal(valuesOf(batch)[2999]![1], `id ${from + 2999}`)
  }
  for (let from = 0; from < 9000; from += 3000) write(from)
  decoder.resetDictionaries()
  write(9000)
  assert.deepEqual(layouts, ['dictionary', 'dictionary', 'text', 'dictionary'])
})

test('a dictionary that is full turns the column into text, pending rows included', () => {
  const decoder = createJsonDecoder(options)
  const name = (i: number): string => `${i % 70_000}`.padStart(20, '0')
  // Each name comes twice in a row, so that the column looks worth a dictionary until it is full.
  const lines = Array.from({ length: 150_000 }, (_, i) => line(i, name(i >> 1)))
  const batches = []
  for (let start = 0; start < lines.length; start += 1000) {
    decoder.write(Buffer.from(lines.slice(start, start + 1000).join('')))
    // Not all is taken, so that rows wait in the column when it changes.
    while (decoder.pending > 500) batches.push(copyDecoded(decoder.take(700, NO_GUARD)!))
  }
  while (decoder.pending > 0) batches.push(copyDecoded(decoder.take(700, NO_GUARD)!))
  assert.deepEqual(
    new Set(batches.map(({ batch }) => nameColumn(batch.columns).layout)),
    new Set(['dictionary', 'text']),
  )
  const { rows } = summaryOf(batches)
  assert.equal(rows.length, lines.length)
  assert.ok(rows.every((row, i) => row[2] === name(i >> 1) && row[1] === i))
})

test('long values stand in doubles unless one of the batch does not fit', () => {
  const decoder = decoderOf('{"at":1,"number":5}\n{"at":2,"number":9007199254740993}\n{"at":3}\n{"at":4,"number":-7}\n')
  const [first, second, third] = [1, 2, 1].map((records) => copyBatch(decoder.take(records, NO_GUARD)!.batch))
  assert.deepEqual(
    [first, second, third].map((batch) => batch!.columns[2]!.layout),
    ['float64', 'bigint64', 'float64'],
  )
  assert.deepEqual(
    [first, second, third].flatMap((batch) => valuesOf(batch!).map((row) => row[2])),
    [5n, 9007199254740993n, null, -7n],
  )
})

test('a slice drops received records from the front, and what they were counted for', () => {
  const twice = '{"at":"2024-11-03T01:30:00","name":"twice"}\n'
  const input = `${twice}x\n${line(1, 'a')}${twice}{"at":3,"number":9007199254740993}\ny\n${line(4, 'b')}`
  const whole = decoderOf(input).take(100, NO_GUARD)!
  assert.equal(whole.ambiguousTimes, 2)
  const lines = input.trimEnd().split('\n')
  for (let from = 0; from <= lines.length; from++) {
    const sliced = sliceDecoded(whole, from)
    const direct = decoderOf(lines.slice(from).join('\n')).take(100, NO_GUARD)
    assert.equal(sliced.received, lines.length - from)
    assert.deepEqual(summaryOf([sliced]), summaryOf(direct === undefined ? [] : [direct]), `from ${from}`)
    assert.deepEqual(sliced.batch.positions, direct?.batch.positions ?? null)
    for (const column of sliced.batch.columns)
      if ('values' in column) assert.equal(column.values.length, sliced.batch.rows)
  }
})

test('a slice of a text column begins at its first byte', () => {
  const decoder = createJsonDecoder(options)
  decoder.write(Buffer.from(Array.from({ length: 5000 }, (_, i) => line(i, `id ${i}`)).join('')))
  decoder.take(4997, NO_GUARD)
  const sliced = sliceDecoded(decoder.take(10, NO_GUARD)!, 1)
  const column = nameColumn(sliced.batch.columns) as Extract<Column, { layout: 'text' }>
  assert.deepEqual(
    [column.layout, [...column.offsets], Buffer.from(column.bytes).toString()],
    ['text', [0, 7, 14], 'id 4998id 4999'],
  )
})

test('a decoder needs its event time to be a timestamp of the schema', () => {
  assert.throws(() => createJsonDecoder({ ...options, eventTime: 'name' }), { code: 'MSB_INTERNAL' })
  assert.throws(() => createJsonDecoder({ ...options, timeZone: 'Nowhere/Town' }), { code: 'MSB_QUERY_INVALID' })
})
