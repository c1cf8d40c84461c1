import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SeededRandom, seedFrom } from './seeded-random.ts'
import { WeightedChoice } from './weighted-choice.ts'

test('equal seeds give equal numbers, and other seeds others', () => {
  const draw = (seed: number): readonly number[] => {
    const random = new SeededRandom(seed)
    return Array.from({ length: 20 }, () => random.bits())
  }
  assert.deepEqual(draw(7), draw(7))
  assert.notDeepEqual(draw(7), draw(8))
  assert.notDeepEqual(draw(7), draw(7 + 2 ** 32))
  assert.equal(seedFrom('a', 1), seedFrom('a', 1))
  assert.notEqual(seedFrom('a', 1), seedFrom('a', 2))
  assert.ok(Number.isSafeInteger(seedFrom('trips', 1, '2024-04-13')))
})

test('fractions fill the unit interval evenly and normal numbers have mean 0 and deviation 1', () => {
  const random = new SeededRandom(1)
  const buckets = new Array<number>(10).fill(0)
  for (let draw = 0; draw < 100_000; draw++) buckets[Math.floor(random.fraction() * 10)]! += 1
  for (const bucket of buckets) assert.ok(Math.abs(bucket - 10_000) < 500, `a tenth holds ${bucket} of 100,000`)
  const normals = Array.from({ length: 100_000 }, () => random.normal())
  const mean = normals.reduce((sum, value) => sum + value, 0) / normals.length
  const variance = normals.reduce((sum, value) => sum + (value - mean) ** 2, 0) / normals.length
  assert.ok(Math.abs(mean) < 0.02 && Math.abs(variance - 1) < 0.03, `mean ${mean}, variance ${variance}`)
})

test('hexadecimal digits are eight for each word', () => {
  assert.match(new SeededRandom(3).hex(5), /^[0-9a-f]{40}$/)
})

test('a weighted choice picks in proportion to its weights, and never what weighs nothing', () => {
  const choice = new WeightedChoice(['a', 'b', 'c', 'd'], [5, 0, 3, 2])
  const random = new SeededRandom(2)
  const counts: Record<string, number> = { a: 0, b: 0, c: 0, d: 0 }
  for (let draw = 0; draw < 100_000; draw++) counts[choice.pick(random)]! += 1
  assert.equal(counts.b, 0)
  assert.ok(
    Math.abs(counts.a! - 50_000) < 800 && Math.abs(counts.c! - 30_000) < 800 && Math.abs(counts.d! - 20_000) < 800,
    JSON.stringify(counts),
  )
})

test('a choice without weights is refused', () => {
  assert.throws(() => new WeightedChoice(['a'], [0]), RangeError)
  assert.throws(() => new WeightedChoice(['a'], [1, 2]), RangeError)
})
