import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { jsonMembers } from './json-members.ts'

test('members keep their order, number texts and last values', () => {
  const members = jsonMembers('{"b": 1.50, "1": [1, {"b": 2}], "a\\u0062": "x:,}", "b":-0 , "o": {"1": {}}, "n":null}')
  assert.deepEqual(
    [...members],
    [
      ['b', '-0'],
      ['1', '[1, {"b": 2}]'],
      ['ab', '"x:,}"'],
      ['o', '{"1": {}}'],
      ['n', 'null'],
    ],
  )
})

test('an empty object has no members', () => {
  assert.equal(jsonMembers(' { } ').size, 0)
})

test('each member is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()),
      fc.constantFrom(0, 1, '\t'),
      (object, indent) => {
        const text = JSON.stringify(object, null, indent)
        const parsed = JSON.parse(text) as Record<string, unknown>
        const members = jsonMembers(text)
        assert.deepEqual([...members.keys()].sort(), Object.keys(parsed).sort())
        for (const [key, source] of members) assert.deepEqual(JSON.parse(source), parsed[key])
      },
    ),
  )
})

test('deeply nested values are members like others', () => {
  const nested = '['.repeat(100_000) + ']'.repeat(100_000)
  assert.equal(jsonMembers(`{"a":${nested},"b":1}`).get('b'), '1')
})
