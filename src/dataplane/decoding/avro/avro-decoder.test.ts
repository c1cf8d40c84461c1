import assert from 'node:assert/strict'
import { test } from 'node:test'
import avsc from 'avsc'
import type { FieldType, Value } from '#language/schemas/field-types.ts'
import { createSchema } from '#language/schemas/schema.ts'
import { createAvroDecoder } from '../decoder.ts'
import {
  inBranch,
  type SchemaJson,
  unscaledBytes,
  writeAvro,
  writeContainer,
  writeLong,
} from '../testing/avro-writer.fixture.ts'
import { type Decoded, decodeAll } from '../testing/decode-all.fixture.ts'

const schema = createSchema('Trip', [
  { name: 'id', type: { kind: 'string' }, nullable: false },
  { name: 'at', type: { kind: 'timestamp' }, nullable: false },
  { name: 'fare', type: { kind: 'decimal', precision: 10, scale: 2 }, nullable: true },
])
const options = { schema, eventTime: 'at', timeZone: 'America/Chicago' }
const instant = { type: 'long', logicalType: 'timestamp-millis' }
const money = { type: 'bytes', logicalType: 'decimal', precision: 10, scale: 2 }

const recordOf = (fields: Readonly<Record<string, SchemaJson>>): SchemaJson => ({
  type: 'record',
  name: 'Trip',
  fields: Object.entries(fields).map(([name, type]) => ({ name, type })),
})
const trip = recordOf({ id: 'string', at: instant, fare: ['null', money] })
const tripRecord = (id: string, at = 0): Buffer => writeAvro(trip, [id, at, inBranch(1, unscaledBytes(1250n))])
const decode = (input: Uint8Array, chunkBytes?: number): Decoded =>
  decodeAll(createAvroDecoder(options), input, chunkBytes)
const codes = ({ rejected }: Decoded) =>
  rejected.map(({ position, rejection: { code, field } }) => [position, code, field])

/** What one value becomes in a nullable field `v` of a type: the value, or why it is rejected. */
function valueAs(type: FieldType, written: SchemaJson, value: unknown): Value | string {
  const one = createSchema('One', [
    { name: 'at', type: { kind: 'timestamp' }, nullable: false },
    { name: 'v', type, nullable: true },
  ])
  const writer = recordOf({ at: instant, v: written })
  const bytes = writeContainer(writer, [writeAvro(writer, [0, value])])
  const { rows, rejected } = decodeAll(createAvroDecoder({ ...options, schema: one }), bytes)
  return rows.length === 1 ? rows[0]![2]! : `rejected: ${rejected[0]!.rejection.code}`
}

test('fields are matched by name, whatever their order, and what the stream lacks is skipped', () => {
  const tags = { type: 'map', values: { type: 'array', items: 'string' } }
  const writer = recordOf({ tags, fare: money, at: instant, id: 'string' })
  const record = writeAvro(writer, [[['a', ['x', 'y']]], unscaledBytes(-5n), 1712000000000, 'Café'])
  assert.deepEqual(decode(writeContainer(writer, [record])).rows, [[0, 'Café', 1712000000000, -5n]])
})

test('a nullable field that the writer lacks is null; another one is missing from each record', () => {
  const short = recordOf({ id: 'string', at: instant })
  assert.deepEqual(decode(writeContainer(short, [writeAvro(short, ['a', 1])])).rows, [[0, 'a', 1, null]])
  const shorter = recordOf({ id: 'string' })
  assert.deepEqual(codes(decode(writeContainer(shorter, [writeAvro(shorter, ['a'])]))), [[0, 'missing_field', 'at']])
})

test('a writer that lacks a field and has an unknown one has renamed it', () => {
  const writer = recordOf({ id: 'string', at: instant, Fare: money })
  const record = writeAvro(writer, ['a', 1, unscaledBytes(1n)])
  const { rejected } = decode(writeContainer(writer, [record]))
  assert.deepEqual(rejected[0]!.rejection, {
    code: 'renamed_field',
    field: 'fare',
    expected: 'decimal(10, 2)',
    found: 'Fare',
  })
  assert.equal(rejected[0]!.raw, record.toString('latin1'))
})

test('numbers pass between types where the value fits', () => {
  const int: FieldType = { kind: 'int' }
  const fare: FieldType = { kind: 'decimal', precision: 10, scale: 2 }
  const cases: readonly (readonly [FieldType, SchemaJson, unknown, Value | string])[] = [
    [{ kind: 'long' }, 'int', -7, -7n],
    [{ kind: 'double' }, 'long', 2n ** 60n, 2 ** 60],
    [{ kind: 'double' }, 'float', Math.fround(0.1), Math.fround(0.1)],
    [int, 'long', 2n ** 31n, 'rejected: out_of_range'],
    [int, 'double', 8, 8],
    [int, 'double', 8.5, 'rejected: wrong_type'],
    [{ kind: 'float' }, 'double', Number.NaN, 'rejected: out_of_range'],
    [fare, 'double', 12.34, 1234n],
    [fare, 'double', 0.1 + 0.2, 'rejected: too_many_decimals'],
    [fare, 'float', Math.fround(12.34), 1234n],
    [fare, { ...money, scale: 4 }, unscaledBytes(123400n), 1234n],
    [fare, { ...money, scale: 4 }, unscaledBytes(123456n), 'rejected: too_many_decimals'],
    [fare, { ...money, precision: 30 }, unscaledBytes(10n ** 12n), 'rejected: out_of_range'],
    [{ kind: 'string' }, { type: 'enum', name: 'Pay', symbols: ['Cash', 'Card'] }, 1, 'Card'],
    [{ kind: 'date' }, { type: 'int', logicalType: 'date' }, 19_826, 19_826],
    [{ kind: 'timestamp' }, { type: 'long', logicalType: 'timestamp-micros' }, -1, -1],
    [
      { kind: 'timestamp' },
      { type: 'long', logicalType: 'local-timestamp-millis' },
      Date.UTC(2024, 2, 10, 2, 30),
      'rejected: nonexistent_local_time',
    ],
    [{ kind: 'timestamp' }, 'string', '2024-04-13T00:00:00Z', Date.UTC(2024, 3, 13)],
    [{ kind: 'string' }, 'string', Uint8Array.of(0xff), 'rejected: wrong_encoding'],
    [int, ['null', 'string', 'int'], inBranch(1, '8'), 'rejected: wrong_type'],
    [int, { type: 'int', logicalType: 'unheard-of' }, 8, 8],
  ]
  for (const [type, written, value, expected] of cases)
    assert.deepEqual(valueAs(type, written, value), expected, JSON.stringify([type, written]))
})

test('what can never become a field of the stream is refused with its name, before a record is read', () => {
  for (const [field, written, shown] of [
    ['id', 'bytes', 'bytes'],
    ['at', { type: 'long', logicalType: 'time-micros' }, 'long \\(time\\)'],
    ['fare', ['null', 'string'], 'null or string'],
  ] as const) {
    const writer = recordOf({ id: 'string', at: instant, fare: money, [field]: written })
    assert.throws(() => decode(writeContainer(writer, [])), {
      code: 'MSB_INPUT_UNREADABLE',
      message: new RegExp(`field '${field}' is written as ${shown}, which cannot become the stream's`),
    })
  }
})

test('what cannot be a container of records is refused with what is wrong', () => {
  for (const [input, message] of [
    ['{"id":"a"}', /no Avro object container/],
    [writeContainer('string', []), /it describes no record, but string/],
    [
      writeContainer({ type: 'record', name: 'R', fields: [{ name: 'id', type: 'Unknown' }] }, []),
      /there is no type 'Unknown'/,
    ],
    [writeContainer(trip, [], { codec: 'snappy' }), /compressed with 'snappy'/],
  ] as const)
    assert.throws(() => decode(Buffer.from(input)), { code: 'MSB_INPUT_UNREADABLE', message })
})

/** The container with one byte changed, counted from the end. */
function changed(container: Buffer, fromEnd: number): Buffer {
  const copy = Buffer.from(container)
  copy[copy.length - fromEnd]! ^= 0x55
  return copy
}

test('damage ends the input with its place, and what came before it stays', () => {
  const records = ['a', 'b', 'c', 'd'].map((id) => tripRecord(id))
  const size = records[0]!.length
  const container = writeContainer(trip, records, { recordsInBlock: 2 })
  const tooMany = Buffer.concat([
    writeContainer(trip, []),
    writeLong(3),
    writeLong(2 * size),
    ...records.slice(0, 2),
    container.subarray(-16),
  ])
  const tooFew = Buffer.concat([
    writeContainer(trip, []),
    writeLong(1),
    writeLong(2 * size),
    ...records.slice(0, 2),
    container.subarray(-16),
  ])
  for (const [input, message, pending] of [
    [changed(container, 1), /block 2 .*sync marker/, 2],
    [changed(container, 16 + 4), /block 2 .*record 2 has not the form of the schema/, 3],
    [tooMany, /block 1 .*record 3 has not the form/, 2],
    [tooFew, new RegExp(`block 1 .*${size} bytes follow its last record`), 1],
    [changed(writeContainer(trip, records, { codec: 'deflate' }), 18), /block 1 .*cannot be decompressed/, 0],
  ] as const) {
    const decoder = createAvroDecoder(options)
    assert.throws(() => decoder.write(input), { code: 'MSB_INPUT_UNREADABLE', message })
    assert.equal(decoder.pending, pending)
    assert.throws(() => decoder.write(container), { message }, 'it fails for good')
  }
})

test('an input that ends in the middle says where', () => {
  const container = writeContainer(trip, [tripRecord('a'), tripRecord('b')], { recordsInBlock: 1 })
  assert.throws(() => decode(container.subarray(0, 40)), {
    code: 'MSB_INPUT_TRUNCATED',
    message: /in the middle of its header/,
  })
  assert.throws(() => decode(container.subarray(0, -3)), {
    code: 'MSB_INPUT_TRUNCATED',
    message: /in the middle of block 2/,
  })
  assert.deepEqual(decode(Buffer.alloc(0)).received, 0)
})

test('input that lies in the room of the decoder is read where it lies', () => {
  const container = writeContainer(
    trip,
    ['a', 'b', 'c'].map((id) => tripRecord(id)),
    { recordsInBlock: 2 },
  )
  const decoder = createAvroDecoder(options)
  for (let start = 0; start < container.length; start += 50) {
    const piece = container.subarray(start, start + 50)
    const room = decoder.room()
    room.set(piece)
    decoder.write(room.subarray(0, piece.length))
  }
  decoder.end()
  assert.equal(decoder.pending, 3)
})

test('a block that claims more than it can hold costs no memory', () => {
  const bomb = Buffer.concat([
    writeContainer(trip, []),
    writeLong(2n ** 60n),
    writeLong(0),
    Buffer.from('0123456789abcdef'),
  ])
  assert.throws(() => decode(bomb), { message: /1152921504606846976 records in 0 bytes/ })
  const huge = Buffer.concat([writeContainer(trip, []), writeLong(1), writeLong(2n ** 40n)])
  assert.throws(() => decode(huge), { message: /a block of 1 records in 1099511627776 bytes is not possible/ })
})

test('records beyond the limit, and from the future, keep their bytes', () => {
  const long = tripRecord('x'.repeat(500))
  const future = tripRecord('b', 5000)
  const decoder = createAvroDecoder({ ...options, recordBytesMax: 400 })
  decoder.write(writeContainer(trip, [tripRecord('a'), long, future]))
  const { batch, rejected } = decoder.take(10, { arrivalMs: 1000, maxFutureSkewMs: 1000 })!
  assert.equal(batch.rows, 1)
  assert.deepEqual(
    rejected.map(({ rejection, raw, format }) => [rejection.code, Buffer.from(raw), format.kind]),
    [
      ['too_large', long, 'avro'],
      ['from_future', future, 'avro'],
    ],
  )
})

async function bytesOf(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  for await (const piece of stream) pieces.push(piece)
  return Buffer.concat(pieces)
}

test('a container of another writer is read as that writer meant it', async () => {
  const writer = {
    type: 'record' as const,
    name: 'Trip',
    fields: [
      { name: 'fare', type: ['null', 'double'] },
      { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
      { name: 'flags', type: { type: 'array', items: 'boolean' } },
      { name: 'id', type: 'string' },
    ],
  }
  const trips = Array.from({ length: 500 }, (_, index) => ({
    fare: index % 7 === 0 ? null : index / 4,
    at: 1_712_000_000_000 + index,
    flags: Array<boolean>(index % 3).fill(true),
    id: `trip ${index} 日本`,
  }))
  const type = avsc.Type.forSchema(writer as avsc.Schema)
  for (const codec of ['null', 'deflate']) {
    const encoder = new avsc.streams.BlockEncoder(type, { codec, blockSize: 2000 })
    for (const one of trips) encoder.write(one)
    encoder.end()
    const { rows } = decode(await bytesOf(encoder), 700)
    assert.deepEqual(
      rows.map(([, id, at, fare]) => [id, at, fare]),
      trips.map(({ id, at, fare }) => [id, at, fare === null ? null : BigInt(fare * 100)]),
    )
  }
})
