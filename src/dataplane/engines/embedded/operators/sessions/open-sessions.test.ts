import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { OpenSessions } from './open-sessions.ts'
import type { Session } from './session.ts'

const GAP_MS = 10

/** Sessions without aggregates. */
function sessions(): OpenSessions {
  let slots = 0
  return new OpenSessions(GAP_MS, {
    begin: (group, start, end) => ({ group, slot: slots++, start, end, open: true }),
    merge: () => {},
  })
}

const bounds = (all: readonly Session[]): readonly string[] =>
  all.map(({ group, start, end }) => `${group}: ${start} to ${end}`).sort()

/** Semantics 3.5 word for word: a look at every session for each record. */
function byTheRule(records: readonly Joining[]): Session[] {
  let all: Session[] = []
  for (const { group, time, watermark } of records) {
    const own = { group, slot: 0, start: time, end: time + GAP_MS, open: true }
    const joined = all.filter(
      (other) => other.group === group && other.end > watermark && other.start <= own.end && other.end >= own.start,
    )
    const together = [own, ...joined]
    const start = Math.min(...together.map((one) => one.start))
    const end = Math.max(...together.map((one) => one.end))
    all = [...all.filter((other) => !joined.includes(other)), { ...own, start, end }]
  }
  return all
}

interface Joining {
  readonly group: number
  readonly time: number
  readonly watermark: number
}

/** Records of several partitions, each with a watermark that never goes back, that are in time. */
const joinings = (partitions: number): fc.Arbitrary<readonly Joining[]> =>
  fc
    .array(
      fc.record({
        partition: fc.integer({ min: 0, max: partitions - 1 }),
        group: fc.integer({ min: 0, max: 1 }),
        time: fc.integer({ min: 0, max: 100 }),
      }),
      { maxLength: 60 },
    )
    .chain((records) => fc.tuple(fc.constant(records), fc.integer({ min: 0, max: 15 })))
    .map(([records, delay]) => {
      const greatest = Array.from({ length: partitions }, () => Number.NEGATIVE_INFINITY)
      return records.flatMap(({ partition, group, time }) => {
        const watermark = greatest[partition]! - delay
        greatest[partition] = Math.max(greatest[partition]!, time)
        return time + GAP_MS <= watermark ? [] : [{ group, time, watermark }]
      })
    })

describe('open sessions', () => {
  for (const partitions of [1, 3])
    it(`are those that a look at all sessions gives, over ${partitions} partitions`, () => {
      fc.assert(
        fc.property(joinings(partitions), (records) => {
          const open = sessions()
          for (const { group, time, watermark } of records) open.join(group, time, watermark)
          assert.deepEqual(bounds(open.takeEnded(Number.POSITIVE_INFINITY)), bounds(byTheRule(records)))
        }),
        { numRuns: 500 },
      )
    })

  it('come out once each, when a time has reached their end', () => {
    fc.assert(
      fc.property(joinings(1), fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 10 }), (records, steps) => {
        const open = sessions()
        for (const { group, time } of records) open.join(group, time, Number.NEGATIVE_INFINITY)
        const left = new Set(
          bounds(byTheRule(records.map((record) => ({ ...record, watermark: Number.NEGATIVE_INFINITY })))),
        )
        let ms = 0
        for (const by of [...steps, 1000]) {
          ms += by
          const ended = open.takeEnded(ms)
          assert.ok(ended.every(({ end }) => end <= ms))
          for (const one of bounds(ended)) assert.ok(left.delete(one), one)
          assert.ok((open.firstEnd() ?? Number.POSITIVE_INFINITY) > ms)
        }
        assert.deepEqual([...left], [])
      }),
      { numRuns: 500 },
    )
  })

  it('say when the first of them ends, also after it has grown', () => {
    const open = sessions()
    assert.equal(open.firstEnd(), null)
    open.join(0, 0, Number.NEGATIVE_INFINITY)
    open.join(1, 3, Number.NEGATIVE_INFINITY)
    assert.equal(open.firstEnd(), 10)
    open.join(0, 9, Number.NEGATIVE_INFINITY)
    assert.equal(open.firstEnd(), 13)
  })
})
