import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { MinHeap } from './min-heap.ts'

it('a heap gives back its numbers by size, also when more come in between', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer({ min: -20, max: 20 }))), (steps) => {
      const heap = new MinHeap()
      const kept: number[] = []
      for (const value of steps) {
        if (value !== null) {
          heap.add(value)
          kept.push(value)
          kept.sort((a, b) => a - b)
        } else if (kept.length > 0) assert.equal(heap.take(), kept.shift())
        assert.equal(heap.least, kept[0] ?? Number.POSITIVE_INFINITY)
      }
    }),
  )
})
