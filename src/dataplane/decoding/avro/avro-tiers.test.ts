import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseAvroSchema } from '#language/schemas/avro/parse-avro-schema.ts'
import { createAvroDecoder, createJsonDecoder } from '../decoder.ts'
import { createDecoderFields } from '../decoder-field.ts'
import { type CarefulResult, PendingRecords } from '../pending-records.ts'
import { RECORD_BYTES_MAX_DEFAULT } from '../record-limits.ts'
import { allTypes } from '../testing/all-types-schema.fixture.ts'
import { avroInput as input } from '../testing/avro-inputs.fixture.ts'
import { type SchemaJson, writeContainer } from '../testing/avro-writer.fixture.ts'
import { type Decoded, decodeAll, NO_GUARD, valuesOf } from '../testing/decode-all.fixture.ts'
import { ByteCursor } from './byte-cursor.ts'
import { readAvroCarefully } from './careful-avro.ts'
import { compileRecordDecoder } from './record-decoder.ts'
import { resolveRecord } from './resolve-record.ts'

const OPTIONS = { timeZone: allTypes.timeZone, recordBytesMax: RECORD_BYTES_MAX_DEFAULT }
const newFields = () => createDecoderFields(allTypes)

function carefully(schema: SchemaJson, record: Buffer): CarefulResult {
  const fields = newFields()
  const resolution = resolveRecord(parseAvroSchema(JSON.stringify(schema)), fields)
  const cursor = new ByteCursor(record, 0, record.length)
  const result = readAvroCarefully(cursor, resolution, fields, OPTIONS)
  assert.deepEqual([cursor.fault, cursor.position], [null, record.length])
  return result
}

const outcomes = ({ rows, rejected }: Decoded) => ({
  rows,
  rejected: rejected.map(({ position, rejection: { code, field } }) => [position, code, field]),
})

function outcomesOf(results: readonly CarefulResult[]): ReturnType<typeof outcomes> {
  return {
    rows: results.flatMap((result, position) =>
      'readings' in result ? [[position, ...result.readings.map((reading) => reading?.value ?? null)]] : [],
    ),
    rejected: results.flatMap((result, position) =>
      'rejection' in result ? [[position, result.rejection.code, result.rejection.field]] : [],
    ),
  }
}

test('generated code accepts only what the careful reader accepts, with the same values, and most of it', () => {
  let [accepted, quick] = [0, 0]
  fc.assert(
    fc.property(input, ({ schema, records }) => {
      for (const record of records) {
        const result = carefully(schema, record)
        const pending = new PendingRecords(allTypes)
        const { fields } = pending
        const resolution = resolveRecord(parseAvroSchema(JSON.stringify(schema)), fields)
        if (resolution.fault !== null || resolution.absent.some((index) => !fields[index]!.nullable)) return
        if ('readings' in result) accepted++
        const decode = compileRecordDecoder(resolution, fields, OPTIONS.timeZone, OPTIONS.recordBytesMax)
        const padded = new Uint8Array(record.length + 100).fill(0x35)
        padded.set(record)
        const end = decode(padded, new DataView(padded.buffer), 0, record.length, 0, 1, pending)
        if (end === 0) continue
        quick++
        assert.equal(end, record.length)
        const taken = pending.take(1, NO_GUARD, undefined as never)!
        assert.ok('readings' in result)
        assert.deepEqual(
          valuesOf(taken.batch)[0],
          result.readings.map((reading) => reading?.value ?? null),
        )
        assert.equal(taken.ambiguousTimes, result.readings.some((reading) => reading?.ambiguous === true) ? 1 : 0)
      }
    }),
    { numRuns: 500 },
  )
  assert.ok(quick > 50 && quick > accepted / 5, `${quick} of ${accepted} records were quick`)
})

test('a decoder gives for each record what the careful reader gives, however the input is cut and compressed', () => {
  const cut = fc.record({
    recordsInBlock: fc.integer({ min: 1, max: 9 }),
    codec: fc.constantFrom('null', 'deflate', 'zstandard'),
    chunkBytes: fc.integer({ min: 1, max: 3000 }),
    recordsMax: fc.integer({ min: 1, max: 9 }),
  })
  fc.assert(
    fc.property(input, cut, ({ schema, records }, { chunkBytes, recordsMax, ...container }) => {
      const bytes = writeContainer(schema, records, container)
      const decoded = decodeAll(createAvroDecoder(allTypes), bytes, chunkBytes, recordsMax)
      assert.equal(decoded.received, records.length)
      assert.deepEqual(outcomes(decoded), outcomesOf(records.map((record) => carefully(schema, record))))
      for (const { position, raw } of decoded.rejected) assert.equal(raw, records[position]!.toString('latin1'))
    }),
    { numRuns: 200 },
  )
})

test('fields that are not kept are checked all the same', () => {
  const kept = new Set(['seconds', 'rider', 'fare'])
  const keptIndexes = allTypes.schema.fields.flatMap(({ name }, index) =>
    kept.has(name) || name === allTypes.eventTime ? [index] : [],
  )
  fc.assert(
    fc.property(input, ({ schema, records }) => {
      const bytes = writeContainer(schema, records)
      const all = decodeAll(createAvroDecoder(allTypes), bytes)
      const some = decodeAll(createAvroDecoder({ ...allTypes, fieldsKept: kept }), bytes)
      assert.deepEqual(some.rejected, all.rejected)
      assert.deepEqual(
        some.rows,
        all.rows.map(([position, ...values]) => [position!, ...keptIndexes.map((index) => values[index]!)]),
      )
    }),
    { numRuns: 200 },
  )
})

test('a record means what the same record means in JSON', () => {
  fc.assert(
    fc.property(input, ({ schema, records, lines }) => {
      const avro = decodeAll(createAvroDecoder(allTypes), writeContainer(schema, records))
      const json = decodeAll(createJsonDecoder(allTypes), lines.map((line) => `${line}\n`).join(''))
      assert.deepEqual(outcomes(avro), outcomes(json), lines.join('\n'))
      assert.equal(avro.ambiguousTimes, json.ambiguousTimes)
    }),
    { numRuns: 200 },
  )
})
