import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatDate } from '#language/schemas/value-text.ts'
import { ManualClock } from '../emulation/manual-clock.fixture.ts'
import { RememberingReceiver } from '../emulation/remembering-receiver.fixture.ts'
import { firstReplayDate, replaySchedule } from './sample-replay.ts'

const ZONE = 'America/Chicago'
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** Event time that passes in `seconds` of the clock when a record is there for each instant, asked ten times a second. */
function passedMs(clock: ManualClock, schedule: ReturnType<typeof replaySchedule>, fromMs: number, seconds: number) {
  let eventTimeMs = fromMs
  for (let tick = 0; tick < seconds * 10; tick++) {
    clock.pass(100)
    while (schedule.waitMs(eventTimeMs + 250) <= 0) eventTimeMs += 250
  }
  return eventTimeMs - fromMs
}

describe('the pace of a replay', () => {
  it('is its speed as long as now is far, however long the platform was stopped', () => {
    const clock = new ManualClock()
    const fromMs = clock.nowMs() - 2 * HOUR_MS
    const schedule = replaySchedule(clock, 60)
    assert.equal(schedule.waitMs(fromMs), 0)
    assert.ok(Math.abs(passedMs(clock, schedule, fromMs, 30) - 30 * MINUTE_MS) < 1000)
  })

  it('keeps ten minutes in reserve when it comes close to now, and goes on with the clock', () => {
    const clock = new ManualClock()
    const schedule = replaySchedule(clock, 60)
    const fromMs = clock.nowMs() - HOUR_MS
    assert.equal(schedule.waitMs(fromMs), 0)
    const reachedMs = fromMs + passedMs(clock, schedule, fromMs, 600)
    assert.ok(Math.abs(clock.nowMs() - reachedMs - 10 * MINUTE_MS) < 0.2 * MINUTE_MS)
    assert.ok(Math.abs(passedMs(clock, schedule, reachedMs, 120) - 2 * MINUTE_MS) < 0.2 * MINUTE_MS)
  })

  it('uses the reserve right after a start, so that windows close within seconds', () => {
    const clock = new ManualClock()
    const fromMs = clock.nowMs() - 10 * MINUTE_MS
    const schedule = replaySchedule(clock, 60)
    assert.equal(schedule.waitMs(fromMs), 0)
    assert.ok(passedMs(clock, schedule, fromMs, 5) > 4.5 * MINUTE_MS)
  })

  it('never passes now', () => {
    const clock = new ManualClock()
    const schedule = replaySchedule(clock, 60)
    const fromMs = clock.nowMs() - 1000
    assert.equal(schedule.waitMs(fromMs), 0)
    for (let second = 0; second < 20; second++)
      assert.ok(fromMs + passedMs(clock, schedule, fromMs, 1) <= clock.nowMs())
  })
})

describe('a replay begins', () => {
  it('with yesterday by the clock of the app, also right after its midnight, while it is tomorrow in UTC', async () => {
    for (const [now, expected] of [
      ['2024-04-13T05:00:01Z', '2024-04-12'],
      ['2024-04-13T04:59:59Z', '2024-04-11'],
      ['2024-04-13T23:00:00Z', '2024-04-12'],
    ] as const) {
      const clock = new ManualClock(Date.parse(now))
      assert.equal(formatDate(await firstReplayDate(new RememberingReceiver(), ZONE, clock)), expected)
    }
  })

  it('with today when today has begun to arrive before', async () => {
    const receiver = new RememberingReceiver()
    await receiver.openProducer('sample:2024-04-13')
    const clock = new ManualClock(Date.parse('2024-04-13T18:00:00Z'))
    assert.equal(formatDate(await firstReplayDate(receiver, ZONE, clock)), '2024-04-13')
  })
})
