import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FieldType, Value } from '#language/schemas/field-types.ts'
import { type CsvValueForm, readCsvValue } from './read-csv-value.ts'

const portal: CsvValueForm = { currency: '$', thousands: ',', timestampPattern: 'MM/DD/YYYY hh:mm:ss A' }
const money: FieldType = { kind: 'decimal', precision: 10, scale: 2 }
const read = (text: string, type: FieldType, form: CsvValueForm = portal): Value | string => {
  const reading = readCsvValue(text, type, 'America/Chicago', form)
  return reading.fault ?? reading.value
}

test('numbers may carry a currency sign and whole groups of thousands where the format says so', () => {
  assert.equal(read('$8.75', money), 875n)
  assert.equal(read('-$8.75', money), -875n)
  assert.equal(read('$-8.75', money), -875n)
  assert.equal(read('$1,234,567.80', money), 123456780n)
  assert.equal(read('3,060', { kind: 'int' }), 3060)
  assert.equal(read('-3,060', { kind: 'int' }), -3060)
  for (const text of ['3,06', '1234,567', ',060', '3,,060', '$', '8$', '$$8', '1,000,', '--8'])
    assert.equal(read(text, money), 'wrong_type', text)
  assert.equal(read('$8.75', money, {}), 'wrong_type')
  assert.equal(read('3,060', { kind: 'int' }, {}), 'wrong_type')
})

test('times follow the pattern, with noon and midnight right', () => {
  const utc = (text: string): number => Date.parse(text)
  assert.equal(read('04/13/2024 07:48:15 PM', { kind: 'timestamp' }), utc('2024-04-14T00:48:15Z'))
  assert.equal(read('04/13/2024 12:00:00 AM', { kind: 'timestamp' }), utc('2024-04-13T05:00:00Z'))
  assert.equal(read('04/13/2024 12:30:00 PM', { kind: 'timestamp' }), utc('2024-04-13T17:30:00Z'))
  for (const text of [
    '04/13/2024 13:00:00 PM',
    '04/13/2024 00:00:00 AM',
    '13/04/2024 01:00:00 AM',
    '2024-04-13T19:48:15Z',
    '1713055695000',
  ]) {
    assert.equal(read(text, { kind: 'timestamp' }), 'invalid_time', text)
  }
  assert.equal(read('03/10/2024 02:30:00 AM', { kind: 'timestamp' }), 'nonexistent_local_time')
  assert.equal(readCsvValue('11/03/2024 01:30:00 AM', { kind: 'timestamp' }, 'America/Chicago', portal).ambiguous, true)
})

test('without a pattern times are written as in JSON', () => {
  assert.equal(read('1713055695000', { kind: 'timestamp' }, {}), 1713055695000)
  assert.equal(read('2024-04-13T19:48:15', { kind: 'timestamp' }, {}), 1713055695000)
  assert.equal(read('04/13/2024 07:48:15 PM', { kind: 'timestamp' }, {}), 'invalid_time')
})

test('booleans in any case, numbers as JSON writes them', () => {
  assert.equal(read('TRUE', { kind: 'boolean' }), true)
  assert.equal(read('False', { kind: 'boolean' }), false)
  assert.equal(read('yes', { kind: 'boolean' }), 'wrong_type')
  for (const text of ['007', '+5', '.5', '5.', 'NaN', ' 5', '0x10'])
    assert.equal(read(text, { kind: 'double' }), 'wrong_type', text)
  assert.equal(read('1e2', { kind: 'int' }), 100)
})
