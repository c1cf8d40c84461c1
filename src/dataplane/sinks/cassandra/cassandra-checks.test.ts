import assert from 'node:assert/strict'
import { it } from 'node:test'
import { acknowledged } from './cassandra-checks.ts'

it('a single node that answers before it writes is found wanting, and no other', () => {
  assert.match(acknowledged('batch', 1), /are on the disk/)
  assert.match(acknowledged('group', 1), /are on the disk/)
  assert.match(acknowledged('periodic', 3), /are in 3 nodes/)
  assert.match(acknowledged(null, 1), /does not say/)
  assert.throws(() => acknowledged('periodic', 1), { code: 'MSB_SINK_REFUSED', message: /if it is killed/ })
})
