import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { CsvFormat } from '#language/schemas/csv-format.ts'
import { createSchema } from '#language/schemas/schema.ts'
import { createCsvDecoder, createJsonDecoder } from '../decoder.ts'
import { allTypes } from '../testing/all-types-schema.fixture.ts'
import { type Decoded, decodeAll, NO_GUARD, valuesOf } from '../testing/decode-all.fixture.ts'

const schema = createSchema('Trip', [
  { name: 'id', type: { kind: 'string' }, nullable: false },
  { name: 'at', type: { kind: 'timestamp' }, nullable: false },
  { name: 'seconds', type: { kind: 'int' }, nullable: true },
  { name: 'fare', type: { kind: 'decimal', precision: 10, scale: 2 }, nullable: true },
  { name: 'company', type: { kind: 'string' }, nullable: true },
])
const portal: CsvFormat = {
  name: 'portal',
  columns: { id: 'Trip ID', at: 'Trip Start', seconds: 'Trip Seconds', fare: 'Fare', company: 'Company' },
  ignored: ['Community Areas'],
  currency: '$',
  thousands: ',',
  timestampPattern: 'MM/DD/YYYY hh:mm:ss A',
}
const options = { schema, eventTime: 'at', timeZone: 'America/Chicago', csvFormats: [portal] }
const decode = (input: string | Uint8Array, chunkBytes?: number): Decoded =>
  decodeAll(createCsvDecoder(options), input, chunkBytes)
const codes = ({ rejected }: Decoded): readonly (readonly [number, string])[] =>
  rejected.map(({ position, rejection }) => [position, rejection.code])
const HEADER = 'id,at,seconds,fare,company\n'
const PORTAL_HEADER = 'Trip ID,Trip Start,Trip Seconds,Fare,Company\n'

test('the header names fields, in any order', () => {
  assert.deepEqual(decode('company,at,id,fare,seconds\nFlash Cab,1000,a,12.5,60\n').rows, [
    [0, 'a', 1000, 60, 1250n, 'Flash Cab'],
  ])
})

test('a declared format is recognised by its columns, with or without the ones it ignores', () => {
  const row = 'a,04/13/2024 07:48:15 PM,"3,060",$8.75,Flash Cab'
  const expected = [[0, 'a', Date.parse('2024-04-14T00:48:15Z'), 3060, 875n, 'Flash Cab']]
  assert.deepEqual(decode(`${PORTAL_HEADER}${row}\n`).rows, expected)
  assert.deepEqual(
    decode(`"Trip ID","Trip Start","Trip Seconds",Fare,Company,"Community Areas"\n${row},8\n`).rows,
    expected,
  )
})

test('in a format without a sign for money an amount with one is no number', () => {
  assert.deepEqual(codes(decode(`${HEADER}a,1,60,$8.75,\n`)), [[0, 'wrong_type']])
})

test('one column may feed several fields', () => {
  const both = { ...portal, columns: { ...portal.columns, company: 'Trip ID' } }
  const input = 'Trip ID,Trip Start,Trip Seconds,Fare\na,04/13/2024 07:48:15 PM,1,1\n'
  const { rows } = decodeAll(createCsvDecoder({ ...options, csvFormats: [both] }), input)
  assert.deepEqual([rows[0]![1], rows[0]![5]], ['a', 'a'])
})

test('a header that renames a field rejects each row', () => {
  const decoded = decode('Trip ID,Trip Start,Trip Seconds,Fare,Firm\na,x,1,1,\nb,x,1,1,\n')
  assert.deepEqual(codes(decoded), [
    [0, 'renamed_field'],
    [1, 'renamed_field'],
  ])
  assert.deepEqual(decoded.rejected[0]!.rejection, {
    code: 'renamed_field',
    field: 'id',
    expected: 'string',
    found: 'Trip ID',
  })
})

test('a header without a nullable field gives nulls, without another one a reason', () => {
  assert.deepEqual(decode('id,at\na,1\n').rows, [[0, 'a', 1, null, null, null]])
  assert.deepEqual(codes(decode('id,fare\na,1\n')), [[0, 'missing_field']])
})

test('unknown columns are ignored when no field is missing', () => {
  assert.equal(decode('id,at,seconds,fare,company,x\na,1,1,1,c,9\n').rows.length, 1)
})

test('an empty field is null, quoted or not', () => {
  assert.deepEqual(decode(`${HEADER}a,1,,"",""\n`).rows, [[0, 'a', 1, null, null, null]])
  const { rejected } = decode(`${HEADER}"",1,1,1,c\n`)
  assert.deepEqual(rejected[0]!.rejection, { code: 'null_not_allowed', field: 'id', expected: 'string', found: 'null' })
})

test('a row with another number of columns is rejected before its values are looked at', () => {
  const decoded = decode(`${HEADER}a,x,1\na,1,1,1,c,d\nb,1,1,1,c\n`)
  assert.deepEqual(codes(decoded), [
    [0, 'wrong_column_count'],
    [1, 'wrong_column_count'],
  ])
  assert.equal(decoded.rejected[0]!.rejection.found, '3 columns')
  assert.equal(decoded.rows.length, 1)
})

test('quoted fields may hold commas, quotes and line ends', () => {
  const decoded = decode(`${HEADER}"a ""b""",1,1,"1.5","Taxicab\r\nInsurance, LLC"\n`)
  assert.deepEqual(decoded.rows, [[0, 'a "b"', 1, 1, 150n, 'Taxicab\r\nInsurance, LLC']])
})

test('what was read of a row before all of it was there leaves nothing to the rows that take its place', () => {
  const decoder = createCsvDecoder(options)
  const values: unknown[] = []
  const takeAll = (): void => {
    const batch = decoder.take(10, NO_GUARD)
    if (batch !== undefined) values.push(...valuesOf(batch.batch))
  }
  // The field that is empty comes before the one with the line end, behind which the input is cut.
  decoder.write(Buffer.from(`${HEADER}a,1000,1,2.5,x\nb,1000,,,"two\n`))
  takeAll()
  decoder.write(Buffer.from('lines"\nc,1000,3,4.5,x\n'))
  decoder.end()
  takeAll()
  assert.deepEqual(values, [
    ['a', 1000, 1, 250n, 'x'],
    ['b', 1000, null, null, 'two\nlines'],
    ['c', 1000, 3, 450n, 'x'],
  ])
})

test('a quote that never ends costs one line, at the end of the input too', () => {
  const decoded = decode(`${HEADER}a,1,1,1,"c\nb,2,2,2,c\nc,3,3,3,"d`)
  assert.deepEqual(codes(decoded), [
    [0, 'malformed'],
    [2, 'malformed'],
  ])
  assert.deepEqual(
    decoded.rejected.map(({ raw }) => raw),
    ['a,1,1,1,"c', 'c,3,3,3,"d'],
  )
  assert.deepEqual(
    decoded.rows.map((row) => row.slice(0, 2)),
    [[1, 'b']],
  )
})

test('a quote that never ends in a large input needs no more memory than a record', () => {
  const decoder = createCsvDecoder({ ...options, recordBytesMax: 10_000 })
  const line = 'b,2,2,2,c\n'
  const block = Buffer.from(line.repeat(10_000))
  let received = decoder.write(Buffer.from(`${HEADER}a,1,1,1,"c\n`))
  const before = process.memoryUsage().arrayBuffers
  for (let i = 0; i < 100; i++) {
    decoder.write(block)
    for (
      let batch = decoder.take(4096, { arrivalMs: 0, maxFutureSkewMs: null });
      batch !== undefined;
      batch = decoder.take(4096, { arrivalMs: 0, maxFutureSkewMs: null })
    ) {
      received += batch.received
    }
  }
  assert.equal(received, 1_000_001)
  assert.ok(process.memoryUsage().arrayBuffers - before < 60e6)
})

test('a byte order mark before a quoted header is skipped', () => {
  assert.equal(decode(`\ufeff"id",at\na,1\n`).rows.length, 1)
  assert.equal(decode(`\ufeff"id",at\na,1\n`, 1).rows.length, 1)
})

test('empty lines are no records, before the header either', () => {
  assert.deepEqual(
    decode('\r\n\nid,at\r\n\r\na,1\r\n\n').rows.map((row) => row.slice(0, 3)),
    [[0, 'a', 1]],
  )
})

test('an empty input and one with a header alone have no records', () => {
  for (const input of ['', '\n', HEADER, HEADER.trimEnd(), '"id', '\ufeff'])
    assert.equal(decode(input).received, 0, input)
})

test('a header that cannot be read rejects each row for its own reason', () => {
  assert.deepEqual(codes(decode('id,"at"x\na,1\nb,2\n')), [
    [0, 'malformed'],
    [1, 'malformed'],
  ])
  assert.deepEqual(codes(decode(Buffer.from('id,at\xff\na,1\n', 'latin1'))), [[0, 'wrong_encoding']])
})

test('invalid UTF-8 is wrong encoding, before wrong quoting', () => {
  const bytes = Buffer.from(`${HEADER}a,1,1,1,\xe9\nb,2,2,2,"\xe9\nc,3,3,3,d\n`, 'latin1')
  const decoded = decode(bytes)
  assert.deepEqual(codes(decoded), [
    [0, 'wrong_encoding'],
    [1, 'wrong_encoding'],
  ])
  assert.equal(decoded.rows.length, 1)
})

test('an input that is cut in the middle of a row ends with the row as it is', () => {
  assert.deepEqual(codes(decode(`${HEADER}a,1,1,1,c\nb,2,`)), [[1, 'wrong_column_count']])
  assert.deepEqual(decode(`${HEADER}a,1,1,1`.concat('2,c')).rows[0]!.slice(4), [1200n, 'c'])
})

test('local times that occur twice are counted, those that do not exist are rejected', () => {
  const rows = ['a,11/03/2024 01:30:00 AM,,,', 'b,03/10/2024 02:30:00 AM,,,', 'c,11/03/2024 02:00:00 AM,,,']
  const decoded = decode(`${PORTAL_HEADER}${rows.join('\n')}\n`)
  assert.equal(decoded.ambiguousTimes, 1)
  assert.deepEqual(codes(decoded), [[1, 'nonexistent_local_time']])
})

const SMALL_FILE = Buffer.from(
  `\ufeffTrip ID,"Trip Start","Trip ""Seconds""",Fare,Company\r\n"a",x\r\n${PORTAL_HEADER}`.replace(
    'Trip ""Seconds""',
    'Trip Seconds',
  ) +
    'b,04/13/2024 07:48:15 PM,"3,060",$8.75,"O\u2019Hare ""Cab""\r\n Co"\r\n\r\nc,04/13/2024 07:48:15 PM,,,"open\nd,04/13/2024 07:48:15 PM,1,$1.00,"x"y\ne,04/13/2024 12:00:00 AM,1,2,\ud83d\ude95\n"f',
)

test('a small file gives the same wherever it is cut', () => {
  const whole = decode(SMALL_FILE)
  assert.deepEqual(
    codes(whole).map(([, code]) => code),
    ['wrong_column_count', 'invalid_time', 'malformed', 'malformed', 'malformed'],
  )
  for (let cut = 1; cut < SMALL_FILE.length; cut++) {
    const decoder = createCsvDecoder(options)
    decoder.write(SMALL_FILE.subarray(0, cut))
    assert.deepEqual(decodeAll(decoder, SMALL_FILE.subarray(cut)), whole, `cut at ${cut}`)
  }
  for (let chunkBytes = 1; chunkBytes < 20; chunkBytes++) assert.deepEqual(decode(SMALL_FILE, chunkBytes), whole)
})

test('a value reads the same from CSV and from JSON', () => {
  const number = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }).map(String),
    fc.constantFrom('8.0', '1e400', '-0', '0.1', '12.30', '12.345', '9007199254740993', '9223372036854775808'),
  )
  const names = ['seconds', 'tract', 'miles', 'ratio', 'fare', 'balance', 'whole']
  fc.assert(
    fc.property(number, fc.constantFrom(...names), fc.string({ unit: 'grapheme', minLength: 1 }), (text, name, id) => {
      const csv = decodeAll(createCsvDecoder(allTypes), `id,at,${name}\n"${id.replaceAll('"', '""')}",5,${text}\n`)
      const json = decodeAll(createJsonDecoder(allTypes), `{"id":${JSON.stringify(id)},"at":5,"${name}":${text}}\n`)
      assert.deepEqual(csv.rows, json.rows)
      assert.deepEqual(
        csv.rejected.map(({ rejection }) => rejection),
        json.rejected.map(({ rejection }) => rejection),
      )
    }),
  )
})
