import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { it } from 'node:test'
import fc from 'fast-check'
import { EventTimeSorter } from './event-time-sorter.ts'
import type { FeedRecord } from './feed-record.ts'
import { numbered, textOf } from './feed-records.fixture.ts'

function sortedBy(memoryCharacters: number, records: readonly FeedRecord[], batchRecords = 7) {
  const sorter = new EventTimeSorter(memoryCharacters)
  try {
    for (let start = 0; start < records.length; start += batchRecords)
      sorter.add(records.slice(start, start + batchRecords))
    const walks = [[...sorter.sorted()].flat(), [...sorter.sorted()].flat()]
    return { walks, runs: sorter.spilledRuns }
  } finally {
    sorter.close()
  }
}

/** Array.prototype.sort is stable. */
const sortedInMemory = (records: readonly FeedRecord[]): readonly FeedRecord[] =>
  [...records].sort((a, b) => (a.eventTimeMs < b.eventTimeMs ? -1 : a.eventTimeMs > b.eventTimeMs ? 1 : 0))

const sameRecords = (actual: readonly FeedRecord[], expected: readonly FeedRecord[]): void =>
  assert.deepEqual(
    actual.map((record) => [record.kind, record.eventTimeMs, textOf(record)]),
    expected.map((record) => [record.kind, record.eventTimeMs, textOf(record)]),
  )

it('gives the order of a stable sort in memory, however often it spills, and gives it again', () => {
  const time = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constant(Number.NEGATIVE_INFINITY), fc.integer())
  fc.assert(
    fc.property(fc.array(time, { maxLength: 120 }), fc.integer({ min: 1, max: 4000 }), (times, memoryCharacters) => {
      const records = times.map((eventTimeMs, number) => numbered(number, eventTimeMs))
      for (const walk of sortedBy(memoryCharacters, records).walks) sameRecords(walk, sortedInMemory(records))
    }),
    { numRuns: 60 },
  )
})

it('keeps bytes, texts beyond ASCII and shifted times over a spill, also of a record that is longer than a read', () => {
  const records: readonly FeedRecord[] = [
    { kind: 'readable', members: `"text":"${'ü€😀'.repeat(60_000)}",`, eventTimeMs: 3, shiftMs: -3_600_000 },
    { kind: 'unreadable', bytes: Uint8Array.of(0xff, 0xfe, 65), eventTimeMs: 2 },
    { kind: 'readable', members: '', eventTimeMs: 1, shiftMs: 0 },
  ]
  const { walks, runs } = sortedBy(1, records, 1)
  assert.equal(runs, 3)
  assert.deepEqual(
    walks[0]!.map((record) => (record.kind === 'readable' ? record : { ...record, bytes: [...record.bytes] })),
    [...records]
      .reverse()
      .map((record) => (record.kind === 'readable' ? record : { ...record, bytes: [255, 254, 65] })),
  )
})

it('holds no more in memory than it was told: a longer feed is in several runs', () => {
  const records = Array.from({ length: 10_000 }, (_, number) => numbered(number, (number * 7919) % 10_007))
  const { walks, runs } = sortedBy(100_000, records, 100)
  assert.ok(runs >= 10, `${runs} runs`)
  sameRecords(walks[0]!, sortedInMemory(records))
})

it('leaves nothing behind, not even while it works', () => {
  const files = (): readonly string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('mysimbdp-sort-'))
  const before = files()
  const sorter = new EventTimeSorter(1)
  sorter.add([numbered(2), numbered(1)])
  assert.equal(sorter.spilledRuns, 1)
  assert.deepEqual(files(), before)
  sorter.close()
})

it('says so when there is no folder for temporary files', (t) => {
  const before = process.env.TMPDIR
  t.after(() => (before === undefined ? delete process.env.TMPDIR : (process.env.TMPDIR = before)))
  const missing = `${tmpdir()}/mysimbdp-no-such-folder`
  assert.equal(existsSync(missing), false)
  process.env.TMPDIR = missing
  assert.throws(() => new EventTimeSorter(1).add([numbered(1)]), { code: 'MSB_STORAGE_FAILED', hint: /TMPDIR/ })
})
