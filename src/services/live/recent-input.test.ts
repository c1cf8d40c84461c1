import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { RejectedRecord } from '#dataplane/records/record-batch.ts'
import { ManualClock } from '../emulation/manual-clock.fixture.ts'
import { RecentInputCounter } from './recent-input.ts'

const renamed = (found: string): RejectedRecord => ({
  position: 0,
  rejection: { code: 'renamed_field', field: 'fare', expected: null, found },
  raw: new Uint8Array(),
  rawLength: 0,
  format: { kind: 'json' },
})

describe('what a stream received of late', () => {
  it('counts every rejected record, and names the reason of most of them', () => {
    const counter = new RecentInputCounter(new ManualClock())
    counter.add(5, [renamed('Fare'), renamed('FARE'), renamed('Fare')])
    const { received, rejected, mainReason } = counter.recent
    assert.deepEqual([received, rejected, mainReason?.found], [8, 3, 'Fare'])
  })

  it('counts them too when each has a name of its own, without remembering all names', () => {
    const counter = new RecentInputCounter(new ManualClock())
    counter.add(
      0,
      Array.from({ length: 5000 }, (_, i) => renamed(`f${i}`)),
    )
    counter.add(
      0,
      Array.from({ length: 500 }, () => renamed('late')),
    )
    const { rejected, mainReason } = counter.recent
    // One of the first hundred: a name that came later is not told apart any more.
    assert.deepEqual([rejected, mainReason?.found], [5500, 'f0'])
  })
})
