import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { app, count, schema, stream, string, timestamp, tumbling } from 'mysimbdp'
import type { OutputMode } from './plan.ts'
import { planDifference } from './plan-difference.ts'

const record = schema('record', { key: string(), at: timestamp() })
const records = stream('records', { schema: record, eventTime: 'at', watermark: '10 seconds' })
const unlimited = stream('records', { schema: record, eventTime: 'at' })

type Output = readonly [mode: OutputMode, keep?: string]

const counts = ([mode, keep]: Output, size = '1 minute') =>
  records
    .window(tumbling(size))
    .aggregate({ records: count() })
    .output(mode, keep === undefined ? {} : { keep })
type Query = ReturnType<typeof counts>

const difference = (
  before: Readonly<Record<string, Query>>,
  after: Readonly<Record<string, Query>>,
  [zoneBefore, zoneAfter] = ['UTC', 'UTC'],
) =>
  planDifference(
    app('changing', { timeZone: zoneBefore }, before).plan,
    app('changing', { timeZone: zoneAfter }, after).plan,
  )

const canKeep = (before: Query, after: Query, zones?: [string, string]): boolean =>
  difference({ query: before }, { query: after }, zones).changed[0]!.canKeep

describe('how a plan differs from the one before', () => {
  it('is told query by query, by what a query means and not by its place or its table', () => {
    const { unchanged, added, removed, changed } = difference(
      { same: counts(['append']), gone: counts(['update']), other: counts(['append']) },
      {
        fresh: counts(['append']),
        other: counts(['append'], '2 minutes'),
        same: { ...counts(['append']), table: 'elsewhere' },
      },
    )
    assert.deepEqual(
      [unchanged, added, removed, changed.map(({ query }) => query)],
      [['same'], ['fresh'], ['gone'], ['other']],
    )
    assert.match(changed[0]!.before.join(), /1 minute/)
    assert.match(changed[0]!.after.join(), /2 minutes/)
    assert.deepEqual(difference({ same: counts(['append']) }, { same: counts(['append']) }).changed, [])
  })

  it('lets state be kept from one output mode to the other exactly where the other needs nothing of the past', () => {
    const keepable: readonly (readonly [Output, Output, boolean])[] = [
      [['append'], ['update'], true],
      [['append'], ['complete', '1 hour'], false],
      [['append'], ['complete', 'forever'], false],
      [['update'], ['append'], true],
      [['update'], ['complete', '1 hour'], false],
      [['update'], ['complete', 'forever'], false],
      [['complete', '1 hour'], ['append'], true],
      [['complete', '1 hour'], ['update'], true],
      [['complete', 'forever'], ['append'], true],
      [['complete', 'forever'], ['update'], true],
      [['complete', '2 hours'], ['complete', '1 hour'], true],
      [['complete', '1 hour'], ['complete', '2 hours'], false],
      [['complete', 'forever'], ['complete', '1 hour'], true],
      [['complete', '1 hour'], ['complete', 'forever'], false],
    ]
    for (const [before, after, wanted] of keepable)
      assert.equal(canKeep(counts(before), counts(after)), wanted, `${before} to ${after}`)
  })

  it('lets no state be kept where more than the output changed, or nothing ever closes', () => {
    assert.equal(canKeep(counts(['append']), counts(['update'], '2 minutes')), false)
    assert.equal(canKeep(counts(['append']), counts(['append'], '2 minutes')), false)
    assert.equal(canKeep(counts(['append']), counts(['update']), ['UTC', 'Europe/Berlin']), false)
    assert.equal(canKeep(counts(['append']), counts(['append']), ['UTC', 'Europe/Berlin']), false)
    const open = unlimited.window(tumbling('1 minute')).aggregate({ records: count() })
    assert.equal(canKeep(open.output('update'), open.output('complete', { keep: '1 hour' })), false)
    assert.equal(canKeep(open.output('complete', { keep: '1 hour' }), open.output('update')), false)
  })
})
