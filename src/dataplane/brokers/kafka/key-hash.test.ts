import assert from 'node:assert/strict'
import { test } from 'node:test'
import { murmur2, partitionOfKey } from './key-hash.ts'

test('keys are hashed as Kafka hashes them', () => {
  // Of the tests of Kafka's Java client.
  const known: readonly [string, number][] = [
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ]
  for (const [key, hash] of known) assert.equal(murmur2(Buffer.from(key)), hash, key)
})

test('a key has one partition, also where its hash is negative', () => {
  for (const key of ['21', 'foobar', '', 'ü']) {
    const partition = partitionOfKey(Buffer.from(key), 3)
    assert.ok(partition >= 0 && partition < 3, key)
  }
  assert.equal(partitionOfKey(Buffer.from('abc'), 7), 479470107 % 7)
})
