import assert from 'node:assert/strict'
import { it } from 'node:test'
import { app, count, max, stream, tumbling } from 'mysimbdp'
import type { OutputMode } from '#language/plan/plan.ts'
import { greenhouseReadings, readingSchema, watermarkAfter } from '../support/greenhouse.ts'
import { ASK, boundedRows, KEEP, LiveHost } from '../support/live-host.ts'

const readings = stream('readings', { schema: readingSchema, eventTime: 'at', watermark: '10 seconds' })

type Output = readonly [mode: OutputMode, keep?: string]
/** Every change of the output with which state can be kept. */
const CHANGES: Readonly<Record<string, readonly [before: Output, after: Output]>> = {
  appendToUpdate: [['append'], ['update']],
  updateToAppend: [['update'], ['append']],
  completeToAppend: [['complete', '30 days'], ['append']],
  completeToUpdate: [['complete', '30 days'], ['update']],
  foreverToUpdate: [['complete', 'forever'], ['update']],
  longToShort: [
    ['complete', '30 days'],
    ['complete', '2 days'],
  ],
}

const version = (which: 0 | 1) =>
  app(
    'kept',
    { timeZone: 'UTC' },
    Object.fromEntries(
      Object.entries(CHANGES).map(([name, change]) => {
        const [mode, keep] = change[which]
        const windows = readings.window(tumbling('5 minutes')).groupBy('sensor')
        const counts = windows.aggregate({ readings: count(), hottest: max('celsius') })
        return [name, counts.output(mode, keep === undefined ? {} : { keep })]
      }),
    ),
  )

it('a query that keeps its state gives, for windows that were open then, the rows it gives when it is computed anew', async () => {
  const lines = greenhouseReadings(2000, 31)
  const switchAt = 1130
  const host = await LiveHost.open([])
  try {
    await host.platform.deploy(version(0), ASK)
    await host.feed('kept', 'readings', lines.slice(0, switchAt))
    const { pending } = await host.platform.deploy(version(1), KEEP)
    assert.deepEqual(pending, { rebuild: [], keep: Object.keys(CHANGES) })
    await host.feed('kept', 'readings', lines.slice(switchAt))
    const wanted = await boundedRows(version(1), { readings: lines })
    const [switchMs, endMs] = [watermarkAfter(lines.slice(0, switchAt)), watermarkAfter(lines)]
    const endOf = (row: string): number => Date.parse((JSON.parse(row) as { window: { end: string } }).window.end)
    for (const { name, output } of version(1).plan.queries) {
      const rows = host.rows('kept', name).filter((row) => endOf(row) > switchMs)
      const anew = wanted(name)
        .filter(({ windowEnd }) => windowEnd! > switchMs && (output.mode !== 'append' || windowEnd! <= endMs))
        .map(({ row }) => row)
      assert.ok(anew.length >= 9, `${anew.length} rows`)
      assert.deepEqual(rows, [...anew].sort(), name)
      // What had closed before has its rows as well.
      assert.equal(
        host.rows('kept', name).length,
        wanted(name).length - (output.mode === 'append' ? countOpen(endMs) : 0),
      )
    }
    function countOpen(ms: number): number {
      return wanted('updateToAppend').filter(({ windowEnd }) => windowEnd! > ms).length
    }
  } finally {
    await host.close()
  }
})
