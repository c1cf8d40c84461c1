import assert from 'node:assert/strict'
import { it } from 'node:test'
import { documentDifferences } from './document-differences.ts'

it('compares numbers as texts, and under named fields with a tolerance', () => {
  assert.deepEqual(documentDifferences('{"a":[{"sum":242.00}]}', '{"a":[{"sum":242.0}]}'), [
    'a[0].sum: expected 242.00, found 242.0',
  ])
  assert.deepEqual(
    documentDifferences('{"a":[{"sum":0.30000000000000004}]}', '{"a":[{"sum":0.3}]}', new Set(['sum'])),
    [],
  )
  assert.equal(documentDifferences('{"sum":1.00001}', '{"sum":1}', new Set(['sum'])).length, 1)
  assert.equal(documentDifferences('{"n":9007199254740993}', '{"n":9007199254740992}').length, 1)
})

it('names missing rows and fields, and their order', () => {
  assert.deepEqual(documentDifferences('{"rows":[1,2]}', '{"rows":[1]}'), ['rows: expected 2 entries, found 1'])
  assert.deepEqual(documentDifferences('{"a":null,"b":"x"}', '{"b":"x","a":0}'), [
    ': expected the fields a, b, found b, a',
    'a: expected null, found 0',
  ])
})
