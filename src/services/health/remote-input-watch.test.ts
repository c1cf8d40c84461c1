import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { RemoteInputWatch } from './remote-input-watch.ts'

describe('what a stream received, as another server counts it', () => {
  it('is that of the last minute, with the reason and the field of most rejections', () => {
    const watch = new RemoteInputWatch()
    assert.deepEqual(watch.look({}, 0), { received: 0, rejected: 0, mainReason: null })
    const early = { records: 100, rejected: 50, code_malformed: 50 }
    assert.deepEqual(watch.look(early, 1000), {
      received: 100,
      rejected: 50,
      mainReason: { code: 'malformed', field: null, expected: null, found: null },
    })
    const later = { ...early, records: 160, rejected: 59, code_wrong_type: 9, field_fare: 8, field_tips: 1 }
    assert.deepEqual(watch.look(later, 61_001), { received: 0, rejected: 0, mainReason: null })
    const last = { ...later, records: 170, rejected: 62, code_malformed: 51, code_wrong_type: 11, field_tips: 3 }
    assert.deepEqual(watch.look(last, 61_002), {
      received: 10,
      rejected: 3,
      mainReason: { code: 'wrong_type', field: 'tips', expected: null, found: null },
    })
  })

  it('begins anew with a server that counts from the start again', () => {
    const watch = new RemoteInputWatch()
    watch.look({ records: 100, rejected: 50, code_malformed: 50 }, 0)
    assert.equal(watch.look({ records: 5, rejected: 0 }, 1).received, 0)
    assert.equal(watch.look({ records: 8, rejected: 0 }, 2).received, 3)
  })
})
