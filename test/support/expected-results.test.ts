import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { FieldType } from '#language/schemas/field-types.ts'
import { type Actual, compareWithExpected, type Expected, readExpected, sameRow } from './expected-results.ts'

const types: Readonly<Record<string, FieldType>> = {
  d: { kind: 'double' },
  v: { kind: 'decimal', precision: 10, scale: 2 },
  s: { kind: 'string' },
}

describe('sameRow', () => {
  it('compares decimals as text', () => {
    assert.ok(sameRow('{"v": 1.10}', '{"v":1.10}', types))
    assert.ok(!sameRow('{"v":1.10}', '{"v":1.1}', types))
    assert.ok(!sameRow('{"v":1.10}', '{"v":"1.10"}', types))
  })

  it('compares doubles with a tolerance, in the form of ECMAScript', () => {
    assert.ok(sameRow('{"d":0.3}', '{"d":0.30000000000000004}', types))
    assert.ok(sameRow('{"d":null}', '{"d":null}', types))
    assert.ok(!sameRow('{"d":0.3}', '{"d":0.3000001}', types))
    assert.ok(!sameRow('{"d":1}', '{"d":1.0}', types))
    assert.ok(!sameRow('{"d":1}', '{"d":null}', types))
    assert.ok(!sameRow('{"d":null}', '{"d":0}', types))
    assert.ok(!sameRow('{"d":0}', '{"d":"0"}', types))
  })

  it('wants the same fields in the same order', () => {
    assert.ok(!sameRow('{"v":1.00,"s":"x"}', '{"s":"x","v":1.00}', types))
    assert.ok(!sameRow('{"v":1.00}', '{"v":1.00,"s":null}', types))
  })

  it('takes escapes in texts for what they mean', () => {
    assert.ok(sameRow('{"s":"\\u00e9"}', '{"s":"é"}', types))
    assert.ok(!sameRow('{"s":"null"}', '{"s":null}', types))
  })
})

describe('compareWithExpected', () => {
  const expected: Expected = {
    ...readExpected([
      '{"query":"q","key":"0","row":{"v":1.00}}',
      '{"query":"q","key":"5000","row":{"v":2.00}}',
      '{"query":"q","late":{"partition":0,"offset":3,"windows":[0]}}',
      '{"stream":"s","read":4,"accepted":3,"rejected":1}',
      '{"stream":"s","deadLetter":{"partition":0,"offset":1,"code":"wrong_type","field":"v"}}',
    ]),
    columnTypes: { q: types },
    recordCounts: { s: 4, other: 0 },
  }
  const query = {
    rows: ['{"v":1.00}', '{"v":2.00}'],
    keys: ['0', '5000'],
    late: 1,
    lateRecords: [{ partition: 0, offset: 3, windows: [0] }],
  }
  const deadLetters = [{ partition: 0, offset: 1, code: 'wrong_type', field: 'v' }]
  const other = { read: 0, accepted: 0, rejected: 0, deadLetters: [] }
  const actual: Actual = {
    queries: { q: query },
    streams: { s: { read: 4, accepted: 3, rejected: 1, deadLetters }, other },
  }
  const withQuery = (changes: object): Actual => ({ ...actual, queries: { q: { ...query, ...changes } } })

  it('finds nothing where all is equal', () => {
    assert.deepEqual(compareWithExpected(actual, expected), [])
  })

  it('names query and key of rows that differ, are missing or too many', () => {
    const found = withQuery({ rows: ['{"v":1.01}', '{"v":7.00}'], keys: ['0', '9000'] })
    assert.deepEqual(compareWithExpected(found, expected), [
      'q 0: expected {"v":1.00}, found {"v":1.01}',
      'q 5000: expected {"v":2.00}, found no row',
      'q 9000: expected no row, found {"v":7.00}',
    ])
  })

  it('checks the order of rows unless told not to', () => {
    const found = withQuery({ rows: query.rows.toReversed(), keys: query.keys.toReversed() })
    assert.deepEqual(compareWithExpected(found, expected), ['q: expected the order 0 5000, found 5000 0'])
    assert.deepEqual(compareWithExpected(found, expected, { anyOrder: true }), [])
  })

  it('sees a key that occurs twice', () => {
    const found = withQuery({ rows: [...query.rows, '{"v":2.00}'], keys: [...query.keys, '5000'] })
    assert.deepEqual(compareWithExpected(found, expected, { anyOrder: true }), [
      'q: a key occurs twice among 0 5000 5000',
    ])
  })

  it('checks late records, counts and dead letters', () => {
    const late = withQuery({ late: 0, lateRecords: [] })
    assert.deepEqual(compareWithExpected(late, expected), [
      'q late: expected 0|3 [0], found none',
      'q: expected 1 late, found 0',
    ])
    const stream = {
      ...actual,
      streams: { other, s: { read: 4, accepted: 4, rejected: 0, ambiguousTimes: 1, deadLetters: [] } },
    }
    assert.deepEqual(compareWithExpected(stream, expected), [
      's: expected read 4, accepted 3, rejected 1, ambiguous 0, found read 4, accepted 4, rejected 0, ambiguous 1',
      's dead letters: expected 0|1 wrong_type v, found none',
    ])
  })
})
