import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import type { RelationBatch } from '../compile/relation.ts'
import { PrefixSums } from './prefix-sums.ts'

const LARGE = Number.MAX_SAFE_INTEGER

const inputOf = (rows: Int32Array): RelationBatch =>
  ({ batch: { rows: 0 }, rows, length: rows.length }) as unknown as RelationBatch

it('the sum and the nulls of any range of rows are differences; a column that would leave 2^53 has no sums', () => {
  const sums = new PrefixSums()
  const small = { weight: 500, arbitrary: fc.integer({ min: -1000, max: 1000 }) }
  const values = fc.option(fc.oneof(small, fc.constantFrom(LARGE, -LARGE)), { freq: 20 })
  fc.assert(
    fc.property(
      fc.array(values, { maxLength: 200 }),
      fc.array(fc.boolean(), { minLength: 200, maxLength: 200 }),
      fc.boolean(),
      (picked, kept, whole) => {
        const rows = Int32Array.from(picked.keys()).filter((row) => whole || kept[row]!)
        const nulls = Uint8Array.from(picked, (value) => (value === null ? 1 : 0))
        const vector = { layout: 'float64', values: Float64Array.from(picked, (value) => value ?? 0), nulls } as const
        const chosen = Array.from(rows, (row) => picked[row]!)
        const exact = chosen.every((value) => Math.abs(value ?? 0) * chosen.length <= LARGE)
        assert.equal(sums.fill(vector, inputOf(rows)), exact)
        if (!exact) return
        for (let begin = 0; begin <= chosen.length; begin += 7)
          for (let end = begin; end <= chosen.length; end += 5) {
            const range = chosen.slice(begin, end)
            assert.equal(
              sums.sums[end]! - sums.sums[begin]!,
              range.reduce<number>((sum, value) => sum + (value ?? 0), 0),
            )
            assert.equal(sums.nulls![end]! - sums.nulls![begin]!, range.filter((value) => value === null).length)
          }
      },
    ),
  )
})

it('ints have sums, texts have none', () => {
  const sums = new PrefixSums()
  const rows = Int32Array.of(0, 1, 2)
  assert.ok(
    sums.fill({ layout: 'int32', values: Int32Array.of(2147483647, 2147483647, -1), nulls: null }, inputOf(rows)),
  )
  assert.deepEqual([...sums.sums.subarray(0, 4), sums.nulls], [0, 2147483647, 4294967294, 4294967293, null])
  assert.equal(sums.fill({ layout: 'values', values: ['a', 'b', 'c'] }, inputOf(rows)), false)
})
