import assert from 'node:assert/strict'
import { it } from 'node:test'
import { seededFraction } from './seeded-fraction.ts'

const shareBelow = (limit: number, fraction: (index: number) => number): number =>
  Array.from({ length: 100_000 }, (_, index) => fraction(index)).filter((value) => value < limit).length / 100_000

it('gives as many numbers below a limit as the limit says, for every seed and salt', () => {
  for (const seed of [0, 1, 2, 1_000_000_007])
    for (const salt of [0, 1, 5])
      for (const limit of [0.01, 0.5, 0.9])
        assert.ok(Math.abs(shareBelow(limit, (index) => seededFraction(seed, salt, index)) - limit) < 0.006)
})

it('gives others for another seed, another salt, and an index beyond 32 bits', () => {
  const values = [
    seededFraction(1, 0, 7),
    seededFraction(2, 0, 7),
    seededFraction(1, 1, 7),
    seededFraction(1, 0, 8),
    seededFraction(1, 0, 7 + 2 ** 32),
  ]
  assert.equal(new Set(values).size, values.length)
  assert.equal(seededFraction(1, 0, 7), values[0])
})
