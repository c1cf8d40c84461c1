import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { withScratchFolder } from '../../test/support/scratch-folder.ts'
import { fourQueries } from '../workload/trip-queries.ts'
import { calculateExpected } from './calculate.ts'
import { type LatenessRule, latenessRules } from './lateness.ts'
import { rowKey } from './result-row.ts'
import { windowsOf } from './trip-windows.ts'

/** Worked out by hand: at(s) is so many seconds after noon in Chicago on 2024-04-13. */
const NOON_MS = Date.UTC(2024, 3, 13, 17)
const at = (seconds: number): number => NOON_MS + seconds * 1000

const trip = (seconds: number, area: number | null, fare: number | null): string =>
  JSON.stringify({
    event_timestamp: at(seconds),
    pickup_community_area: area,
    pickup_centroid_location: area === null ? null : `POINT (${area} 0)`,
    fare,
    tips: fare === null ? null : fare / 10,
    trip_total: fare,
  })

/** The watermark in front of the third and the fourth is at 41 s: both are behind it, the third as the first of its area, and in one of their sliding windows they are late. */
const trips = [trip(0, 1, 10), trip(51, 1, 20), trip(30, 2, 40), trip(29.999, 1, null), trip(52, null, 0.05)]

const valuesBy = async (rule: LatenessRule, query: string, seconds: number, group: string | null) =>
  withScratchFolder(async (folder) => {
    const path = join(folder, 'trips.ndjson')
    writeFileSync(path, `${trips.join('\n')}\n`)
    const { rows, watermarkMs } = await calculateExpected(path, fourQueries, latenessRules)
    assert.equal(watermarkMs, at(42))
    return rows.get(rule)!.get(rowKey(query, at(seconds), group))
  })

test('nothing late: every record is in each of its windows', async () => {
  assert.deepEqual(await valuesBy('nothing-late', 'sumFareWindow', 30, null), [40, 4, 40])
  assert.deepEqual(await valuesBy('nothing-late', 'sumFareWindow', 25, null), [null, null, null])
  assert.deepEqual(await valuesBy('nothing-late', 'hotspotCommunityPickupWindow', 0, '1'), [3])
  assert.deepEqual(await valuesBy('nothing-late', 'hotspotCommunityPickupWindow', -30, '1'), [2])
})

test('per window: a record is left out of windows that end at or before the watermark in front of it, and a day stays open', async () => {
  assert.equal(await valuesBy('per-window', 'sumFareWindow', 30, null), undefined)
  assert.deepEqual(await valuesBy('per-window', 'hotspotCommunityPickupWindow', 0, '2'), [1])
  assert.equal(await valuesBy('per-window', 'hotspotCommunityPickupWindow', -30, '2'), undefined)
  assert.deepEqual(await valuesBy('per-window', 'hotspotCommunityPickupWindow', -30, '1'), [1])
  assert.deepEqual(await valuesBy('per-window', 'hotspotCommunityPickupWindow', 0, '1'), [3])
  assert.deepEqual(await valuesBy('per-window', 'hotspotWindow', 30, null), [1])
  const day = await valuesBy('per-window', 'tripsTotal', -12 * 3600, null)
  // Tips are 1, 2, 4 and 0.005, which is 1 cent: 7.01 / 4 = 1.7525. Totals are 70.05 / 4 = 17.5125.
  assert.deepEqual(day, [5, 70.05, 1.75, 17.51])
})

test('of several partitions each has a watermark of its own, and windows are closed by the least', async () => {
  await withScratchFolder(async (folder) => {
    const path = join(folder, 'trips.ndjson')
    // The first run of records goes to partition 0, the second to 1: there the first trip is no more late than it would be at the beginning.
    const lines = [...Array.from({ length: 500 }, () => trip(100, 1, 10)), trip(0, 2, 20), trip(45, 2, 40)]
    writeFileSync(path, `${lines.join('\n')}\n`)
    const rowsOf = async (partitions: number) => {
      const { rows, watermarkMs } = await calculateExpected(path, fourQueries, ['per-window'], partitions)
      return { watermarkMs, early: rows.get('per-window')!.get(rowKey('hotspotCommunityPickupWindow', at(-30), '2')) }
    }
    assert.deepEqual(await rowsOf(1), { watermarkMs: at(90), early: undefined })
    assert.deepEqual(await rowsOf(2), { watermarkMs: at(35), early: [1] })
  })
})

test('by group: a record behind the watermark of its own group counts nowhere', async () => {
  assert.deepEqual(await valuesBy('drop-late-by-group', 'hotspotCommunityPickupWindow', -30, '2'), undefined)
  assert.deepEqual(await valuesBy('drop-late-by-group', 'hotspotCommunityPickupWindow', 0, '2'), [1])
  assert.deepEqual(await valuesBy('drop-late-by-group', 'hotspotCommunityPickupWindow', 0, '1'), [2])
  assert.deepEqual(await valuesBy('drop-late-by-group', 'tripsTotal', -12 * 3600, null), [3, 30.05, 1, 10.02])
})

test('a day lasts from midnight to midnight in Chicago, also where the clocks change', () => {
  const day = (ms: number): readonly number[] =>
    windowsOf({ kind: 'day' }, ms).flatMap(({ startMs, endMs }) => [startMs, endMs])
  assert.deepEqual(day(at(0)), [Date.UTC(2024, 3, 13, 5), Date.UTC(2024, 3, 14, 5)])
  assert.deepEqual(day(Date.UTC(2024, 2, 10, 12)), [Date.UTC(2024, 2, 10, 6), Date.UTC(2024, 2, 11, 5)])
  assert.deepEqual(day(Date.UTC(2024, 10, 3, 12)), [Date.UTC(2024, 10, 3, 5), Date.UTC(2024, 10, 4, 6)])
})

test('an average is rounded to six decimals and then to two, half away from zero', async () => {
  await withScratchFolder(async (folder) => {
    const path = join(folder, 'trips.ndjson')
    const tips = (dollars: number): string => JSON.stringify({ ...JSON.parse(trip(0, 1, 1)), tips: dollars })
    writeFileSync(path, [tips(0.01), tips(0), tips(0.01), tips(0)].join('\n'))
    const { rows } = await calculateExpected(path, fourQueries, ['nothing-late'])
    assert.equal(rows.get('nothing-late')!.get(rowKey('tripsTotal', at(-12 * 3600), null))![2], 0.01)
  })
})
