import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { streamsOf } from '#language/plan/plan.ts'
import { Feed } from '#services/emulation/feed.ts'
import type { FeedRecord } from '#services/emulation/feed-record.ts'
import taxi from '../../examples/chicago-taxi/app.ts'
import { embeddedPlatform } from '../../src/wiring.ts'

/** What of the real exports an emulation sends. */

const repository = fileURLToPath(new URL('../../', import.meta.url))
const trips = join(process.env.MYSIMBDP_DATA ?? join(repository, '../shared/data'), 'trips')
const days = ['chicago_taxi_2022-03-01_portal23.csv.gz', 'chicago_taxi_2022-04-01_portal23.csv.gz']
const hashOrdered = ['Taxi_Trips__2024-__20250426_sample99_raw_export.csv']
const skip = existsSync(join(trips, days[0]!)) ? false : `no ${days[0]} in MYSIMBDP_DATA/trips`

async function read(names: readonly string[], options: { readonly dropIncomplete: boolean; readonly sort: boolean }) {
  const { stream, schema, eventTime } = streamsOf(taxi.plan).get('ingestData')!
  const feed = new Feed({
    ...options,
    sources: await Promise.all(names.map((name) => embeddedPlatform.openFile(join(trips, name)))),
    decoderOf: ({ format }) => embeddedPlatform.createDecoder(taxi, stream, format),
    schema,
    eventTime,
    eventTimeChoice: 'column',
    faults: { faults: [], seed: 0, from: 0, to: 0 },
  })
  const cursor = feed.walk()
  const records: FeedRecord[] = []
  while (await cursor.advance()) records.push(cursor.take())
  feed.close()
  return { records, leftOut: feed.leftOut }
}

const isAscending = (records: readonly FeedRecord[]): boolean =>
  records.every(({ eventTimeMs }, index) => index === 0 || eventTimeMs >= records[index - 1]!.eventTimeMs)

it('all 34,092 trips of the two days can be read, and 12,013 of them are complete', { skip }, async () => {
  const all = await read(days, { dropIncomplete: false, sort: true })
  assert.deepEqual([all.records.length, all.leftOut], [34_092, 0])
  assert.ok(all.records.every(({ kind }) => kind === 'readable'))
  const complete = await read(days, { dropIncomplete: true, sort: true })
  assert.deepEqual([complete.records.length, complete.leftOut], [12_013, 22_079])
})

it('an export in the order of its ids is replayed in the order of event time', { skip }, async () => {
  const [unsorted, sorted] = [
    (await read(hashOrdered, { dropIncomplete: false, sort: false })).records,
    (await read(hashOrdered, { dropIncomplete: false, sort: true })).records,
  ]
  assert.equal(sorted.length, 99)
  assert.deepEqual([isAscending(unsorted), isAscending(sorted)], [false, true])
})
