import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type CheckpointRequest, checkpointOf } from './checkpoint-choice.ts'

const OLD = 'a'.repeat(64)
const NEW = 'b'.repeat(64)
const asked: CheckpointRequest = {
  query: 'q',
  fingerprint: OLD,
  submitted: 'first',
  known: null,
  rebuild: false,
  keep: false,
}
const known = checkpointOf(asked)

describe('the checkpoint of a query', () => {
  it('is named after the plan, so that it is found again from nothing', () => {
    assert.equal(known.checkpoint, 'aaaaaaaaaaaaaaaa-0')
    assert.deepEqual(checkpointOf(asked), known)
  })

  it('stays while the plan stays, also when Spark is asked in another way', () => {
    assert.deepEqual(checkpointOf({ ...asked, known, submitted: 'second' }), { ...known, submitted: 'second' })
  })

  it('of another plan is refused with a sentence', () => {
    assert.throws(() => checkpointOf({ ...asked, known, fingerprint: NEW }), {
      code: 'MSB_STATE_FINGERPRINT',
      message: /query 'q' has changed since its checkpoint 'aaaaaaaaaaaaaaaa-0' was written: Spark would mix/,
    })
  })

  it('is a new one for a query that is computed anew, each time', () => {
    const once = checkpointOf({ ...asked, known, rebuild: true })
    const twice = checkpointOf({ ...asked, known: once, fingerprint: NEW, rebuild: true })
    assert.deepEqual([once.checkpoint, twice.checkpoint], ['aaaaaaaaaaaaaaaa-1', 'bbbbbbbbbbbbbbbb-2'])
    assert.deepEqual(checkpointOf({ ...asked, known: twice, fingerprint: NEW }), twice)
  })

  it('is kept for a plan of which only the output changed, and belongs to that plan from then on', () => {
    const kept = checkpointOf({ ...asked, known, fingerprint: NEW, keep: true })
    assert.deepEqual([kept.checkpoint, kept.fingerprint], [known.checkpoint, NEW])
    assert.deepEqual(checkpointOf({ ...asked, known: kept, fingerprint: NEW }), kept)
  })
})
