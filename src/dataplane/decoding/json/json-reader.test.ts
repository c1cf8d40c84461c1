import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FieldType, Value } from '#language/schemas/field-types.ts'
import { createSchema, type Field } from '#language/schemas/schema.ts'
import type { Rejection } from '../../records/record-batch.ts'
import { createJsonDecoder } from '../decoder.ts'
import { allTypes } from '../testing/all-types-schema.fixture.ts'
import { type Decoded, decodeAll } from '../testing/decode-all.fixture.ts'

const at: Field = { name: 'at', type: { kind: 'timestamp' }, nullable: false }
const decode = (input: string | Uint8Array): Decoded => decodeAll(createJsonDecoder(allTypes), input)
const firstRejection = (input: string | Uint8Array): Rejection => {
  const { rows, rejected } = decode(input)
  assert.deepEqual(rows, [])
  return rejected[0]!.rejection
}

/** What a value becomes in a nullable field `v` of a type: the value, or why it is rejected. */
function valueAs(type: FieldType, json: string, nullable = true): Value | string {
  const schema = createSchema('One', [at, { name: 'v', type, nullable }])
  const decoded = decodeAll(
    createJsonDecoder({ schema, eventTime: 'at', timeZone: 'America/Chicago' }),
    `{"at":0,"v":${json}}\n`,
  )
  return decoded.rows.length === 1 ? decoded.rows[0]![2]! : `rejected: ${decoded.rejected[0]!.rejection.code}`
}

const long: FieldType = { kind: 'long' }
const int: FieldType = { kind: 'int' }
const double: FieldType = { kind: 'double' }
const money: FieldType = { kind: 'decimal', precision: 10, scale: 2 }
const timestamp: FieldType = { kind: 'timestamp' }

test('whole numbers may be written with zeros after the point or an exponent', () => {
  for (const text of ['8', '8.0', '8.000', '8e0', '80e-1', '0.8E+1']) {
    assert.equal(valueAs(int, text), 8, text)
    assert.equal(valueAs(long, text), 8n, text)
  }
  assert.equal(valueAs(int, '8.5'), 'rejected: wrong_type')
  assert.equal(valueAs(int, '"8"'), 'rejected: wrong_type')
  assert.equal(valueAs(int, '-0'), 0)
})

test('64-bit numbers are exact up to their limits', () => {
  assert.equal(valueAs(long, '9007199254740993'), 9007199254740993n)
  assert.equal(valueAs(long, '9223372036854775807'), 9223372036854775807n)
  assert.equal(valueAs(long, '-9223372036854775808'), -9223372036854775808n)
  assert.equal(valueAs(long, '9223372036854775808'), 'rejected: out_of_range')
  assert.equal(valueAs(int, '2147483648'), 'rejected: out_of_range')
  assert.equal(valueAs(long, `1${'0'.repeat(200_000)}`), 'rejected: out_of_range')
  assert.equal(valueAs(long, '1e999999999999'), 'rejected: out_of_range')
  assert.equal(valueAs(long, '0e999999999999'), 0n)
})

test('decimals are exact, and zeros at the end do not count as decimals', () => {
  assert.equal(valueAs(money, '12.5'), 1250n)
  assert.equal(valueAs(money, '12.50000'), 1250n)
  assert.equal(valueAs(money, '1.25e1'), 1250n)
  assert.equal(valueAs(money, '-0.01'), -1n)
  assert.equal(valueAs(money, '99999999.99'), 9999999999n)
  assert.equal(valueAs(money, '100000000'), 'rejected: out_of_range')
  assert.equal(valueAs(money, '12.345'), 'rejected: too_many_decimals')
  assert.equal(valueAs({ kind: 'decimal', precision: 10, scale: 0 }, '0.1'), 'rejected: too_many_decimals')
  assert.equal(valueAs({ kind: 'decimal', precision: 18, scale: 4 }, '99999999999999.9999'), 999999999999999999n)
  assert.equal(valueAs({ kind: 'decimal', precision: 18, scale: 18 }, '0.123456789012345678'), 123456789012345678n)
})

test('doubles are the nearest double and floats the nearest 32-bit value of the text', () => {
  assert.equal(valueAs(double, '0.1'), 0.1)
  assert.equal(valueAs(double, '-0'), -0)
  assert.equal(valueAs(double, '1e400'), 'rejected: out_of_range')
  assert.equal(valueAs({ kind: 'float' }, '0.1'), Math.fround(0.1))
  // As a double this is exactly between two floats; as written it is nearer to the lower one.
  assert.equal(valueAs({ kind: 'float' }, '16777218.99999999999999999'), 16777218)
  assert.equal(valueAs({ kind: 'float' }, '3.5e38'), 'rejected: out_of_range')
})

test('a timestamp is epoch milliseconds or ISO text, local where it has no offset', () => {
  assert.equal(valueAs(timestamp, '1713055695000'), 1713055695000)
  assert.equal(valueAs(timestamp, '"2024-04-13T19:48:15.1239-05:00"'), 1713055695123)
  assert.equal(valueAs(timestamp, '"2024-04-13 19:48:15"'), 1713055695000)
  assert.equal(valueAs(timestamp, '"2024-04-13T19:48"'), 1713055680000)
  assert.equal(valueAs(timestamp, '1713055695000.5'), 'rejected: wrong_type')
  assert.equal(valueAs(timestamp, '253402300800000'), 'rejected: invalid_time')
  assert.equal(valueAs(timestamp, '"2023-02-29T00:00:00Z"'), 'rejected: invalid_time')
  assert.equal(valueAs(timestamp, '"2024-13-01T00:00:00Z"'), 'rejected: invalid_time')
  assert.equal(valueAs(timestamp, '"2024-03-10T02:30:00"'), 'rejected: nonexistent_local_time')
  assert.equal(valueAs(timestamp, '"2024-11-03T01:30:00"'), Date.parse('2024-11-03T06:30:00Z'))
  assert.equal(valueAs(timestamp, 'true'), 'rejected: wrong_type')
})

test('records with a local time that occurs twice are counted once', () => {
  const schema = createSchema('Two', [at, { name: 'until', type: timestamp, nullable: true }])
  const lines = [
    '{"at":"2024-11-03T01:30:00","until":"2024-11-03T01:45:00"}',
    '{"at":0,"until":"2024-11-03T01:45:00"}',
    '{"at":0}',
  ]
  assert.equal(
    decodeAll(createJsonDecoder({ schema, eventTime: 'at', timeZone: 'America/Chicago' }), lines.join('\n'))
      .ambiguousTimes,
    2,
  )
})

test('dates, uuids, booleans and strings take their own form only', () => {
  assert.equal(valueAs({ kind: 'date' }, '"2024-02-29"'), 19782)
  assert.equal(valueAs({ kind: 'date' }, '"2023-02-29"'), 'rejected: invalid_time')
  assert.equal(valueAs({ kind: 'date' }, '19782'), 'rejected: wrong_type')
  assert.equal(
    valueAs({ kind: 'uuid' }, '"123E4567-E89B-12D3-A456-426614174000"'),
    '123e4567-e89b-12d3-a456-426614174000',
  )
  assert.equal(valueAs({ kind: 'uuid' }, '"123E4567E89B12D3A456426614174000"'), 'rejected: wrong_type')
  assert.equal(valueAs({ kind: 'boolean' }, '1'), 'rejected: wrong_type')
  assert.equal(valueAs({ kind: 'string' }, '8'), 'rejected: wrong_type')
  assert.equal(valueAs({ kind: 'string' }, '"O\\u2019Hare \\ud83d\\ude95\\n"'), 'O\u2019Hare \ud83d\ude95\n')
})

test('null and absence are different for a field that must have a value', () => {
  assert.equal(valueAs(int, 'null'), null)
  assert.equal(valueAs(int, 'null', false), 'rejected: null_not_allowed')
  assert.deepEqual(firstRejection('{"id":"a"}\n'), {
    code: 'missing_field',
    field: 'at',
    expected: 'timestamp',
    found: null,
  })
})

test('the event time is never null, whatever the schema says', () => {
  const schema = createSchema('Loose', [{ ...at, nullable: true }])
  const { rejected } = decodeAll(createJsonDecoder({ schema, eventTime: 'at', timeZone: 'UTC' }), '{"at":null}\n{}\n')
  assert.deepEqual(
    rejected.map(({ rejection }) => rejection.code),
    ['null_not_allowed', 'missing_field'],
  )
})

test('a key that occurs twice counts with its last value', () => {
  assert.deepEqual(decode('{"id":"a","at":"no time","id":"b","at":5}\n').rows[0]!.slice(0, 3), [0, 'b', 5])
})

test('an unknown field is ignored, but not when a known one is missing', () => {
  const { rows } = decode(
    '{"id":"a","at":1,"seconds":1,"tract":1,"miles":1,"ratio":1,"fare":1,"balance":1,"whole":1,"paid":true,"day":null,"rider":null,"new":{"a":[1]}}\n',
  )
  assert.equal(rows.length, 1)
  assert.deepEqual(firstRejection('{"id":"a","at":1,"Seconds":1,"1":2}\n'), {
    code: 'renamed_field',
    field: 'seconds',
    expected: 'int',
    found: 'Seconds',
  })
})

test('the unknown field that is named is the first of the input, even among keys that look like numbers', () => {
  assert.equal(firstRejection('{"id":"a","at":1,"Seconds":1,"1":2}\n').found, 'Seconds')
  assert.equal(firstRejection('{"7":1,"id":"a","at":1,"1":2}\n').found, '7')
})

test('of several faults the first by the order of the rules is reported', () => {
  assert.equal(firstRejection('{"id":1,"at":"x","Seconds":1}\n').code, 'renamed_field')
  assert.equal(firstRejection('{"seconds":"x","at":"x","id":"a"}\n').field, 'at')
  assert.equal(firstRejection(Buffer.from('{"id":"\xff", nonsense\n', 'latin1')).code, 'wrong_encoding')
  assert.equal(firstRejection('{"id":"\\ud800", nonsense\n').code, 'wrong_encoding')
  assert.equal(firstRejection('{"id":1}\n').code, 'wrong_type')
})

test('what is no JSON object is told apart', () => {
  assert.equal(firstRejection('{"id":NaN}\n').code, 'malformed')
  assert.equal(firstRejection('{"id":"a","at":1\n').code, 'malformed')
  assert.deepEqual(firstRejection('[1]\n'), {
    code: 'not_an_object',
    field: null,
    expected: 'a JSON object',
    found: '[1]',
  })
  assert.equal(firstRejection('null\n').code, 'not_an_object')
})

test('invalid UTF-8 and unpaired surrogates are wrong encoding, and only for their own record', () => {
  const bytes = Buffer.from(
    '{"id":"a","at":1}\n{"id":"\xc3","at":2}\n{"id":"\\udc00","at":3}\n{"id":"\\\\ud800","at":4}\n',
    'latin1',
  )
  const { rows, rejected } = decode(bytes)
  assert.deepEqual(
    rows.map((row) => row.slice(0, 3)),
    [
      [0, 'a', 1],
      [3, '\\ud800', 4],
    ],
  )
  assert.deepEqual(
    rejected.map(({ position, rejection }) => [position, rejection.code]),
    [
      [1, 'wrong_encoding'],
      [2, 'wrong_encoding'],
    ],
  )
  assert.equal(rejected[0]!.raw, '{"id":"\xc3","at":2}')
})

test('a byte order mark is skipped at the start of the input only', () => {
  const { rows, rejected } = decode('\ufeff{"id":"a","at":1}\n\ufeff{"id":"b","at":2}\n')
  assert.deepEqual(
    rows.map((row) => row[1]),
    ['a'],
  )
  assert.equal(rejected[0]!.rejection.code, 'malformed')
})

test('empty lines are no records, and lines may end in a carriage return', () => {
  const { rows, received } = decode('\n{"id":"a","at":1}\r\n\r\n\n{"id":"b","at":2}')
  assert.deepEqual(
    rows.map((row) => row.slice(0, 2)),
    [
      [0, 'a'],
      [1, 'b'],
    ],
  )
  assert.equal(received, 2)
})

test('an input that is cut in the middle of a record ends with a rejected record', () => {
  const { rows, rejected } = decode('{"id":"a","at":1}\n{"id":"b","a')
  assert.equal(rows.length, 1)
  assert.deepEqual(
    [rejected[0]!.position, rejected[0]!.rejection.code, rejected[0]!.raw],
    [1, 'malformed', '{"id":"b","a'],
  )
})

test('an empty input has no records', () => {
  assert.equal(decode('').received, 0)
  assert.equal(decode('\ufeff\n').received, 0)
})

test('what was found is shortened without cutting a character', () => {
  const { found } = firstRejection(`{"id":"a","at":"${'\ud83d\ude95'.repeat(60)}"}\n`)
  assert.ok(found!.length <= 80 && found!.isWellFormed() && found!.endsWith('…'))
})
