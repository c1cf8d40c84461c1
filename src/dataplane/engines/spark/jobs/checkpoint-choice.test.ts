import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type CheckpointRequest, checkpointOf, knownFrom, originOf } from './checkpoint-choice.ts'

const OLD = 'a'.repeat(64)
const NEW = 'b'.repeat(64)
const asked: CheckpointRequest = { query: 'q', fingerprint: OLD, known: null, rebuild: false, keep: false }
const known = checkpointOf(asked)

describe('the checkpoint of a query', () => {
  it('is named after the plan, and never one that may have been left over', () => {
    assert.match(known.checkpoint, /^a{16}-[0-9a-f]{12}$/)
    assert.notEqual(checkpointOf(asked).checkpoint, known.checkpoint)
  })

  it('is found again from what is kept with the results', () => {
    assert.deepEqual(knownFrom(originOf(known)), known)
    assert.deepEqual(checkpointOf({ ...asked, known }), known)
    assert.equal(knownFrom(`2:${OLD}`), null)
  })

  it('of another plan is refused with a sentence', () => {
    assert.throws(() => checkpointOf({ ...asked, known, fingerprint: NEW }), {
      code: 'MSB_STATE_FINGERPRINT',
      message: /query 'q' has changed since its checkpoint 'aaaaaaaaaaaaaaaa-[0-9a-f]+' was written: Spark would mix/,
    })
  })

  it('is a new one for a query that is computed anew, each time', () => {
    const once = checkpointOf({ ...asked, known, rebuild: true })
    const twice = checkpointOf({ ...asked, known: once, fingerprint: NEW, rebuild: true })
    assert.equal(new Set([known, once, twice].map(({ checkpoint }) => checkpoint)).size, 3)
    assert.deepEqual(checkpointOf({ ...asked, known: twice, fingerprint: NEW }), twice)
  })

  it('is kept for a plan of which only the output changed, and belongs to that plan from then on', () => {
    const kept = checkpointOf({ ...asked, known, fingerprint: NEW, keep: true })
    assert.deepEqual([kept.checkpoint, kept.fingerprint], [known.checkpoint, NEW])
    assert.deepEqual(checkpointOf({ ...asked, known: kept, fingerprint: NEW }), kept)
  })
})
