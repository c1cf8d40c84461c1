import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import avsc from 'avsc'
import fc from 'fast-check'
import { schemaToAvro } from '#language/schemas/avro/schema-to-avro.ts'
import type { FieldType, Value } from '#language/schemas/field-types.ts'
import { createSchema, type Schema } from '#language/schemas/schema.ts'
import { allTypes, allTypesSchema } from '../decoding/testing/all-types-schema.fixture.ts'
import { NO_GUARD, summaryOf } from '../decoding/testing/decode-all.fixture.ts'
import { wireDecoder } from '../decoding/testing/wire-decoder.fixture.ts'
import { schemaIdOf } from '../records/wire-header.ts'
import { AvroRecordEncoder } from './avro-record-encoder.ts'

const INSTANTS = { min: -62_135_596_800_000, max: 253_402_300_799_999 }

function valuesOfType(type: FieldType): fc.Arbitrary<Value> {
  switch (type.kind) {
    case 'string':
      return fc.string({ unit: 'grapheme' })
    case 'uuid':
      return fc.uuid()
    case 'int':
      return fc.integer()
    case 'long':
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    case 'float':
      return fc.float({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)
    case 'double':
      return fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)
    case 'boolean':
      return fc.boolean()
    case 'decimal': {
      const most = 10n ** BigInt(type.precision) - 1n
      return fc.bigInt({ min: -most, max: most })
    }
    case 'timestamp':
      return fc.integer(INSTANTS)
    case 'date':
      return fc.integer({ min: -719_162, max: 2_932_896 })
  }
}

const rowsOf = ({ fields }: Schema): fc.Arbitrary<Value[][]> => {
  const values = fields.map(({ type, nullable }) => (nullable ? fc.option(valuesOfType(type)) : valuesOfType(type)))
  return fc.array(fc.tuple(...values) as fc.Arbitrary<Value[]>, { minLength: 1, maxLength: 40 })
}

/** 64 bits in avsc, exactly. */
const longs = avsc.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64LE(value)
    return bytes
  },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (value: unknown) => typeof value === 'bigint',
  compare: (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0),
})
const typeOf = (json: string) => avsc.Type.forSchema(JSON.parse(json), { wrapUnions: false, registry: { long: longs } })

const signed = (bytes: Uint8Array): bigint =>
  BigInt.asIntN(8 * bytes.length, BigInt(`0x${Buffer.from(bytes).toString('hex')}`))

/** A value as avsc reads it, which knows no logical types. */
function fromAvsc(value: unknown, { kind }: FieldType): Value {
  if (kind === 'decimal' && value !== null) return signed(value as Uint8Array)
  return kind === 'timestamp' && value !== null ? Number(value) : (value as Value)
}

/** A long with a logical type is a plain number in avsc, whatever the registry of types says. */
const isExactLong = (type: unknown): boolean => type === 'long' || (Array.isArray(type) && type.includes('long'))

/** One record on the wire by another implementation. */
const written = (schema: object, id: number, record: object): Buffer => {
  const header = Buffer.alloc(5)
  header.writeUInt32BE(id, 1)
  return Buffer.concat([header, typeOf(JSON.stringify(schema)).toBuffer(record)])
}

const trip = createSchema('Trip', [
  { name: 'at', type: { kind: 'timestamp' }, nullable: false },
  { name: 'miles', type: { kind: 'double' }, nullable: true },
  { name: 'seconds', type: { kind: 'long' }, nullable: true },
])
const writer = (...fields: object[]) => ({ type: 'record', name: 'Trip', fields })
const at = { name: 'at', type: 'long' }
const tripDecoder = (...schemas: object[]) => {
  const decoder = wireDecoder({ schema: trip, eventTime: 'at', timeZone: 'UTC' })
  schemas.forEach((schema, index) => {
    decoder.learn(index + 1, JSON.stringify(schema))
  })
  return decoder
}

describe('records in Avro on the wire', () => {
  it('are what another implementation reads, and come back with every digit', () => {
    const json = schemaToAvro(allTypesSchema)
    const encoder = new AvroRecordEncoder(allTypesSchema)
    const judge = typeOf(json)
    fc.assert(
      fc.property(rowsOf(allTypesSchema), (rows) => {
        const decoder = wireDecoder(allTypes)
        decoder.learn(7, json)
        for (const row of rows) {
          const bytes = Buffer.from(encoder.encodeWithHeader(7, row))
          assert.equal(schemaIdOf(bytes), 7)
          const read = judge.fromBuffer(bytes.subarray(5)) as Record<string, unknown>
          const values = allTypesSchema.fields.map(({ name, type }) => fromAvsc(read[name], type))
          assert.deepEqual(values, row)
          assert.equal(Buffer.compare(encoder.encode(row), bytes.subarray(5)), 0)
          decoder.write(bytes)
        }
        const decoded = summaryOf([decoder.take(rows.length, NO_GUARD)!])
        assert.deepEqual(decoded.rejected, [])
        assert.deepEqual(
          decoded.rows,
          rows.map((row, index) => [index, ...row]),
        )
      }),
      { numRuns: 200 },
    )
  })

  it('are read by name whatever their writer, as Avro says: promoted, in any order, with fields left out', () => {
    const writers = [
      writer(at, { name: 'miles', type: 'int' }, { name: 'seconds', type: 'int' }),
      writer({ name: 'seconds', type: 'long' }, { name: 'miles', type: ['null', 'long'] }, at),
      writer(
        at,
        { name: 'company', type: 'string' },
        { name: 'seconds', type: ['int', 'null'] },
        { name: 'miles', type: 'float' },
      ),
      writer({ name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } }),
    ]
    const reader = { type: 'record', name: 'Trip', fields: JSON.parse(schemaToAvro(trip)).fields }
    const record = fc.record({
      at: fc.bigInt({ min: 0n, max: 2n ** 41n }),
      miles: fc.integer({ min: -(2 ** 20), max: 2 ** 20 }),
      seconds: fc.integer(),
      company: fc.string(),
      by: fc.nat(writers.length - 1),
    })
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 20 }), (records) => {
        const decoder = tripDecoder(...writers)
        const judged = records.map(({ by, ...given }) => {
          const value = Object.fromEntries(
            (writers[by]!.fields as { name: keyof typeof given; type: unknown }[]).map(({ name, type }) => [
              name,
              name === 'company' ? given[name] : isExactLong(type) ? BigInt(given[name]) : Number(given[name]),
            ]),
          )
          const bytes = written(writers[by]!, by + 1, value)
          decoder.write(bytes)
          return expected(reader, writers[by]!, value)
        })
        const { rows, rejected } = summaryOf([decoder.take(records.length, NO_GUARD)!])
        assert.deepEqual(rejected, [])
        assert.deepEqual(
          rows.map(([, ...values]) => values),
          judged,
        )
      }),
    )
  })

  it('are rejected one by one, each with its reason, and those after them are read', () => {
    const good = writer(at, { name: 'seconds', type: 'long' })
    const decoder = tripDecoder(good, writer(at, { name: 'miles', type: 'bytes' }), { type: 'array', items: 'int' })
    const whole = written(good, 1, { at: 5n, seconds: 6n })
    const damaged = written(writer({ name: 'at', type: 'int' }, { name: 'miles', type: ['null', 'int'] }), 4, {
      at: 1,
      miles: null,
    })
    decoder.learn(4, JSON.stringify(writer(at, { name: 'miles', type: ['null', 'int'] })))
    damaged[damaged.length - 1] = 8
    const records: readonly (readonly [Uint8Array, string | null, RegExp?])[] = [
      [whole, null],
      [Buffer.alloc(0), 'malformed', /0 bytes that begin with nothing/],
      [Buffer.from('{"at":5}'), 'malformed', /8 bytes that begin with 7b22617422/],
      [written(good, 99, { at: 5n, seconds: 6n }), 'unknown_schema', /99/],
      [whole.subarray(0, -1), 'malformed', /end too early/],
      [Buffer.concat([whole, Buffer.of(0)]), 'malformed', /bytes follow its last field/],
      [damaged, 'malformed', /none of that form/],
      [written(good, 2, { at: 5n, seconds: 6n }), 'wrong_type', /^bytes$/],
      [written(good, 3, { at: 5n, seconds: 6n }), 'malformed', /describes no record, but array/],
      [whole, null],
    ]
    for (const [record] of records) decoder.write(record)
    const { received, rows, rejected } = summaryOf([decoder.take(100, NO_GUARD)!])
    assert.equal(received, records.length)
    assert.deepEqual(rows, [
      [0, 5, null, 6n],
      [9, 5, null, 6n],
    ])
    assert.deepEqual(
      rejected.map(({ rejection }) => rejection.code),
      records.flatMap(([, code]) => (code === null ? [] : [code])),
    )
    for (const [index, { rejection }] of rejected.entries()) assert.match(rejection.found!, records[index + 1]![2]!)
    // An id that was unknown is no other for having been asked for too early.
    decoder.learn(99, JSON.stringify(good))
    decoder.write(written(good, 99, { at: 5n, seconds: 6n }))
    assert.equal(summaryOf([decoder.take(1, NO_GUARD)!]).rows.length, 1)
  })

  it('keep the schema of their own writer where they come from the future', () => {
    const writers = [
      writer(at, { name: 'miles', type: 'int' }),
      writer(at),
      writer({ name: 'seconds', type: 'int' }, at),
    ]
    const decoder = tripDecoder(...writers)
    const guard = { arrivalMs: 100, maxFutureSkewMs: 10 }
    // The first ones are taken before, so that places move.
    decoder.write(written(writers[1]!, 2, { at: 1n }))
    decoder.take(1, guard)
    decoder.write(written(writers[0]!, 1, { at: 1000n, miles: 5 }))
    decoder.write(written(writers[1]!, 2, { at: 50n }))
    decoder.write(written(writers[1]!, 2, { at: 2000n }))
    decoder.write(written(writers[2]!, 3, { at: 3000n, seconds: 1 }))
    decoder.write(written(writers[0]!, 1, { at: 60n, miles: 1 }))
    const { rejected, batch } = decoder.take(10, guard)!
    assert.equal(batch.rows, 2)
    const schemas = rejected.map(({ format }) =>
      format.kind === 'avro' ? JSON.parse(Buffer.from(format.schema).toString()) : null,
    )
    assert.deepEqual(schemas, writers)
    assert.deepEqual([...rejected[1]!.raw], [...written(writers[1]!, 2, { at: 2000n }).subarray(5)])
  })
})

/** What avsc makes of a record, for the fields of `trip`. */
function expected(reader: object, by: object, value: object): Value[] {
  const [readerType, writerType] = [typeOf(JSON.stringify(reader)), typeOf(JSON.stringify(by))]
  const read = readerType.fromBuffer(writerType.toBuffer(value), readerType.createResolver(writerType)) as Record<
    string,
    Value
  >
  return [
    Number(read.at),
    read.miles === null ? null : Number(read.miles),
    read.seconds === null ? null : BigInt(read.seconds!),
  ]
}
