import assert from 'node:assert/strict'
import { test } from 'node:test'
import { byteSize, byteText } from './byte-size.ts'

test('sizes are read in decimal and binary units', () => {
  assert.deepEqual(['500 MB', '1.5KB', '2 MiB', '17'].map(byteSize), [500_000_000, 1500, 2 * 1024 * 1024, 17])
})

test('what is no size is refused by its text', () => {
  for (const text of ['', '0', '-1 MB', '3 parsecs', '1.5'])
    assert.throws(() => byteSize(text), { code: 'MSB_QUERY_INVALID' })
})

test('sizes are written for people', () => {
  assert.deepEqual([0, 999, 1500, 268_435_456, 1_234_567_890_123].map(byteText), [
    '0 B',
    '999 B',
    '1.5 KB',
    '268 MB',
    '1.23 TB',
  ])
})
