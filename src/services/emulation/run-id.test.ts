import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Source } from '#dataplane/sources/source.ts'
import { type FeedIdentity, feedRunId, producerIdOf } from './run-id.ts'

const sourceOf = (content: string): Source => ({
  name: content,
  format: 'csv',
  progress: 0,
  identity: async () => content,
  stamp: () => content,
  parts: () => null,
  partRead: () => {},
  async *chunks() {},
})

const feed: FeedIdentity = {
  sources: [sourceOf('a')],
  stream: 's',
  schema: { name: 'r', fields: [{ name: 'at', type: { kind: 'timestamp' }, nullable: false }] },
  eventTime: 'at',
  timeZone: 'UTC',
  csvFormats: [],
  eventTimeChoice: 'column',
  dropIncomplete: false,
  sort: true,
  faults: { faults: [], seed: 1, from: 0, to: Number.POSITIVE_INFINITY },
}
const late = { ...feed.faults, faults: [{ kind: 'late', share: 0.1 }] } as const

it('is the same for the same records, and another for others', async () => {
  const others: readonly FeedIdentity[] = [
    { ...feed, sources: [sourceOf('b')] },
    { ...feed, sources: [sourceOf('a'), sourceOf('b')] },
    { ...feed, sources: [sourceOf('b'), sourceOf('a')] },
    { ...feed, eventTimeChoice: 'arrival' },
    { ...feed, dropIncomplete: true },
    { ...feed, sort: false },
    { ...feed, timeZone: 'America/Chicago' },
    { ...feed, faults: late },
    { ...feed, faults: { ...late, seed: 2 } },
    { ...feed, faults: { ...late, from: 5 } },
    { ...feed, faults: { ...late, to: 5 } },
  ]
  const ids = await Promise.all([feed, ...others].map(feedRunId))
  assert.equal(new Set(ids).size, ids.length)
  assert.equal(await feedRunId({ ...feed }), ids[0])
  // Nothing is spoilt, so the seed decides nothing.
  assert.equal(await feedRunId({ ...feed, faults: { ...feed.faults, seed: 9 } }), ids[0])
})

it('numbers the repetitions of a feed from the second on', () => {
  assert.deepEqual([producerIdOf('f', 1), producerIdOf('f', 2)], ['emulate:f', 'emulate:f#2'])
})
