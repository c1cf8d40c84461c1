import assert from 'node:assert/strict'
import { it } from 'node:test'
import { durationMs, durationText } from './duration.ts'

it('reads durations as people write them', () => {
  const texts = {
    '10 seconds': 10_000,
    '1 minute': 60_000,
    '400 days': 34_560_000_000,
    '1.5 hours': 5_400_000,
    '250ms': 250,
    '5 s': 5_000,
    '2 weeks': 1_209_600_000,
    '0 seconds': 0,
  }
  for (const [text, ms] of Object.entries(texts)) assert.equal(durationMs(text), ms, text)
})

it('refuses what is none', () => {
  for (const text of ['', '10', 'seconds', '-1 second', '1 month', '0.0001 seconds', '1 fortnight']) {
    assert.throws(() => durationMs(text), { code: 'MSB_QUERY_INVALID', message: /is no duration/ }, text)
  }
})

it('writes what it reads', () => {
  for (const ms of [0, 1, 1500, 5_000, 60_000, 90_000, 86_400_000, 34_560_000_000])
    assert.equal(durationMs(durationText(ms)), ms)
  assert.equal(durationText(30_000), '30 seconds')
  assert.equal(durationText(3_600_000), '1 hour')
})
