import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createCsvDecoder, createJsonDecoder } from '#dataplane/decoding/decoder.ts'
import type { Source, SourceFormat } from '#dataplane/sources/source.ts'
import type { Schema } from '#language/schemas/schema.ts'
import { encodeLines, type FeedRecord } from './feed-record.ts'
import { readFeed } from './read-feed.ts'

const schema: Schema = {
  name: 'all',
  fields: [
    { name: 'at', type: { kind: 'timestamp' }, nullable: false },
    { name: 'fare', type: { kind: 'decimal', precision: 10, scale: 2 }, nullable: true },
    { name: 'wide', type: { kind: 'decimal', precision: 18, scale: 4 }, nullable: true },
    { name: 'tract', type: { kind: 'long' }, nullable: true },
    { name: 'miles', type: { kind: 'double' }, nullable: true },
    { name: 'share', type: { kind: 'float' }, nullable: true },
    { name: 'paid', type: { kind: 'boolean' }, nullable: true },
    { name: 'day', type: { kind: 'date' }, nullable: true },
    { name: 'seen', type: { kind: 'timestamp' }, nullable: true },
    { name: 'company', type: { kind: 'string' }, nullable: true },
  ],
}
const options = { schema, eventTime: 'at', timeZone: 'America/Chicago' }

const sourceOf = (format: SourceFormat, text: string): Source => ({
  name: 'test',
  format,
  progress: 1,
  identity: async () => text,
  stamp: () => text,
  parts: () => null,
  partRead: () => {},
  async *chunks() {
    yield Buffer.from(text)
  },
})

async function read(sources: readonly Source[], dropIncomplete = false) {
  const records: FeedRecord[] = []
  let leftOut = 0
  const decoderOf = ({ format }: Source) => (format === 'csv' ? createCsvDecoder(options) : createJsonDecoder(options))
  for await (const batch of readFeed({ sources, decoderOf, eventTime: 'at', dropIncomplete })) {
    records.push(...batch.records)
    leftOut += batch.leftOut
  }
  const lines = Buffer.from(encodeLines(records, 'at', 'column', 0))
    .toString()
    .split('\n')
    .slice(0, -1)
  return { records, leftOut, lines }
}

const HEADER = 'at,fare,wide,tract,miles,share,paid,day,seen,company\n'
const FULL =
  '2024-04-13T12:00:00,-0.5,12345678901234.5678,9223372036854775807,0.1,1.1,TRUE,2024-02-29,2024-04-13T12:00:00Z,"A ""b"" ü"\n'
const AT = Date.parse('2024-04-13T17:00:00Z')

it('writes every type of value so that it reads back the same, with all its digits', async () => {
  const { lines } = await read([sourceOf('csv', HEADER + FULL)])
  assert.deepEqual(lines, [
    `{"fare":-0.50,"wide":12345678901234.5678,"tract":9223372036854775807,"miles":0.1,"share":1.1,"paid":true,"day":"2024-02-29","seen":${Date.parse('2024-04-13T12:00:00Z')},"company":"A \\"b\\" ü","at":${AT}}`,
  ])
  assert.deepEqual((await read([sourceOf('json', `${lines[0]}\n`)])).lines, lines)
})

it('writes nulls, and leaves records with one out when it is told to', async () => {
  const incomplete = '2024-04-13T12:00:00,,,,,,,,,\n'
  const { lines } = await read([sourceOf('csv', HEADER + incomplete)])
  assert.match(lines[0]!, /^\{"fare":null,"wide":null,"tract":null,.*"company":null,"at":\d+\}$/)
  const cleansed = await read([sourceOf('csv', HEADER + incomplete + FULL + incomplete)], true)
  assert.deepEqual([cleansed.lines.length, cleansed.leftOut], [1, 2])
})

it('gives a row that cannot be decoded as one line of its own text, in its place', async () => {
  const { lines, records } = await read([
    sourceOf('csv', `${HEADER}${FULL}1,2,"three\r\nlines"\n${FULL}`),
    sourceOf('json', 'no json\n'),
  ])
  assert.deepEqual(
    records.map(({ kind }) => kind),
    ['readable', 'unreadable', 'readable', 'unreadable'],
  )
  assert.deepEqual([lines.length, lines[1], lines[3]], [4, '1,2,"three  lines"', 'no json'])
  assert.deepEqual(
    records.map(({ eventTimeMs }) => eventTimeMs),
    [AT, AT, AT, AT],
  )
})

it('keeps the count of records when one of them is a byte order mark alone', async () => {
  const { records } = await read([sourceOf('json', `no json\n\uFEFF\n`)])
  const sent = encodeLines(records.slice(1), 'at', 'column', 0)
  const decoder = createJsonDecoder(options)
  decoder.write(sent)
  decoder.end()
  assert.equal(decoder.pending, 1)
})

it('puts the moment of sending in place of the event time when it is the arrival', async () => {
  const { records } = await read([sourceOf('csv', HEADER + FULL)])
  assert.equal(JSON.parse(Buffer.from(encodeLines(records, 'at', 'arrival', 42)).toString()).at, 42)
})
