import assert from 'node:assert/strict'
import { it } from 'node:test'
import { jsonTokens, rawElements, rawMembers } from './raw-json.ts'

it('gives members as they were written', () => {
  const members = rawMembers('{ "a": 1.10, "b": {"c": [1.0, "}"]} , "d":"x,\\"y", "e" : null, "":[]}')
  assert.deepEqual(Object.fromEntries(members), {
    a: '1.10',
    b: '{"c": [1.0, "}"]}',
    d: '"x,\\"y"',
    e: 'null',
    '': '[]',
  })
  assert.equal(rawMembers('{}').size, 0)
})

it('gives elements as they were written', () => {
  assert.deepEqual(rawElements('[{"v":1.10},2.0, "a:b" ,[3,4]]'), ['{"v":1.10}', '2.0', '"a:b"', '[3,4]'])
  assert.deepEqual(rawElements('[]'), [])
})

it('keeps apart texts and what looks like them', () => {
  assert.deepEqual(jsonTokens('{"a" : "1", "b":1.0}'), ['{', '"a', ':', '"1', ',', '"b', ':', '1.0', '}'])
})
