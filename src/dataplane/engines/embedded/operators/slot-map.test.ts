import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { SlotMap } from './slot-map.ts'

it('finds what was set and nothing else', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(1_000_000), { maxLength: 300 }), fc.nat(1_000_000), (groups, other) => {
      const map = new SlotMap()
      for (const [slot, group] of groups.entries()) map.set(group, slot)
      for (const [slot, group] of groups.entries()) assert.equal(map.get(group), slot)
      if (!groups.includes(other)) assert.equal(map.get(other), -1)
    }),
  )
})
