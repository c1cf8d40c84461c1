import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Histogram, quantile, SECONDS_BUCKETS, valueCount } from './histogram.ts'

it('counts a value in the first bucket whose upper end it does not exceed', () => {
  const histogram = new Histogram([1, 2, 5])
  for (const value of [0, 1, 1.5, 2, 5, 5.1]) histogram.observe(value)
  assert.deepEqual(histogram.data, { bounds: [1, 2, 5], counts: [2, 2, 1, 1], sum: 14.6 })
})

it('counts a value as often as it occurred', () => {
  const histogram = new Histogram([1, 2])
  histogram.observe(0.5, 1000)
  histogram.observe(1.5, 10)
  assert.deepEqual(histogram.data, { bounds: [1, 2], counts: [1000, 10, 0], sum: 515 })
  assert.equal(valueCount(histogram.data), 1010)
})

it('answers quantiles by the upper ends of buckets', () => {
  const histogram = new Histogram([1, 2, 5])
  assert.equal(quantile(histogram.data, 0.5), null)
  for (const value of [0.5, 0.6, 0.7, 3]) histogram.observe(value)
  assert.equal(quantile(histogram.data, 0.75), 1)
  assert.equal(quantile(histogram.data, 0.99), 5)
  histogram.observe(9, 100)
  assert.equal(quantile(histogram.data, 0.99), Number.POSITIVE_INFINITY)
})

it('has buckets in seconds from half a millisecond to a minute', () => {
  assert.deepEqual([SECONDS_BUCKETS[0], SECONDS_BUCKETS.at(-1)], [0.0005, 60])
  assert.deepEqual(
    [...SECONDS_BUCKETS].sort((a, b) => a - b),
    SECONDS_BUCKETS,
  )
})
