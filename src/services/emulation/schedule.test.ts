import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ManualClock } from './manual-clock.fixture.ts'
import { AsEventTime, FixedRate, NotPastNow, type Schedule } from './schedule.ts'

/** How many of the records that are due now are taken. */
function takeDue(schedule: Schedule, eventTimes: Iterator<number>): number {
  let taken = 0
  for (let next = eventTimes.next(); schedule.waitMs(next.value as number) <= 0; next = eventTimes.next()) {
    schedule.taken()
    taken++
  }
  return taken
}

function* seconds(): Iterator<number> {
  for (let second = 0; ; second++) yield second * 1000
}

const pace = (speed: number, longestPauseMs = Number.POSITIVE_INFINITY, longestStandstillMs = longestPauseMs) => ({
  speedAt: () => speed,
  longestPauseMs,
  longestStandstillMs,
})

describe('a fixed rate', () => {
  it('does not drift, however unevenly it is asked', () => {
    const clock = new ManualClock()
    const schedule = new FixedRate(clock, 10)
    let taken = 0
    for (const step of [3, 250, 17, 1, 999, 730, 8000]) {
      clock.pass(step)
      while (schedule.waitMs() <= 0) {
        schedule.taken()
        taken++
      }
    }
    // The first record is due at the first question, 3 ms in.
    assert.equal(taken, Math.floor((250 + 17 + 1 + 999 + 730 + 8000) / 100) + 1)
  })

  it('says how long it is until the next record', () => {
    const clock = new ManualClock()
    const schedule = new FixedRate(clock, 4)
    assert.equal(schedule.waitMs(), 0)
    schedule.taken()
    clock.pass(100)
    assert.equal(schedule.waitMs(), 150)
  })
})

describe('event time', () => {
  it('runs at its speed from the first record on', () => {
    const clock = new ManualClock()
    const schedule = new AsEventTime(clock, pace(60))
    const times = seconds()
    assert.equal(takeDue(schedule, times), 1)
    clock.pass(1000)
    // The one that was not due when it was asked for last is gone from the iterator.
    assert.equal(takeDue(schedule, times), 59)
  })

  it('skips a stretch without records, but for the longest pause', () => {
    const clock = new ManualClock()
    const schedule = new AsEventTime(clock, pace(60, 5000))
    assert.equal(schedule.waitMs(0), 0)
    assert.equal(schedule.waitMs(86_400_000), 5000)
    clock.pass(5000)
    assert.equal(schedule.waitMs(86_400_000), 0)
  })

  it('stands still when the sender stood still for too long, so that nothing is caught up at once', () => {
    const clock = new ManualClock()
    const schedule = new AsEventTime(clock, pace(60, Number.POSITIVE_INFINITY, 1000))
    assert.equal(schedule.waitMs(0), 0)
    clock.pass(7_200_000)
    assert.equal(schedule.waitMs(60_000), 0)
    assert.equal(schedule.waitMs(61_000), 1000 / 60)
  })

  it('lets records without a place in time through', () => {
    assert.equal(new AsEventTime(new ManualClock(), pace(1)).waitMs(Number.NEGATIVE_INFINITY), 0)
  })

  it('never passes now', () => {
    const clock = new ManualClock(1_000_000)
    const schedule = new NotPastNow(clock, new AsEventTime(clock, pace(60)))
    assert.equal(schedule.waitMs(999_000), 0)
    clock.pass(100)
    assert.equal(schedule.waitMs(1_003_100), 3000)
    clock.pass(3000)
    assert.equal(schedule.waitMs(1_003_100), 0)
  })
})
