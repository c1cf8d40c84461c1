import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deliveryText } from './delivery.ts'

test('an answer says what a sender may rely on, and for how long', () => {
  const [forEver, aWeek] = [null, 7 * 86_400_000].map((timeMs) => ({ timeMs, bytes: null }))
  assert.equal(deliveryText(forEver!, { isNumbered: true }), 'exactly-once')
  assert.match(
    deliveryText(aWeek!, { isNumbered: true }),
    /^exactly-once; the sender is remembered for 1 week after its last record/,
  )
  assert.match(deliveryText(forEver!, { isNumbered: false }), /^at-least-once/)
})
