import assert from 'node:assert/strict'
import { test } from 'node:test'
import { median, percentilesOf, relativeSpread, slope } from './statistics.ts'

test('the median is the middle sample, or the mean of the two in the middle, in whatever order they come', () => {
  assert.equal(median([9, 1, 5]), 5)
  assert.equal(median([4, 1, 9, 2]), 3)
})

test('a percentile is the least value that so many are not above', () => {
  const values = Array.from({ length: 1000 }, (_, i) => 1000 - i)
  assert.deepEqual(percentilesOf(values), { p50: 500, p99: 990, p999: 999 })
  assert.deepEqual(percentilesOf([7]), { p50: 7, p99: 7, p999: 7 })
})

test('the spread is relative to the median, and nothing for a single sample', () => {
  assert.equal(relativeSpread([8, 10, 12]), 0.4)
  assert.equal(relativeSpread([-8, -10, -12]), 0.4)
  assert.equal(relativeSpread([7]), 0)
  assert.equal(relativeSpread([0, 0]), 0)
})

test('the slope is the cost of one more record, whatever starting costs', () => {
  assert.equal(slope({ records: 100, cost: 5 + 100 * 2 }, { records: 1100, cost: 5 + 1100 * 2 }), 2)
  assert.throws(() => slope({ records: 100, cost: 1 }, { records: 100, cost: 2 }), /two sizes/)
})
