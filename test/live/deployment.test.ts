import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { app, schema, stream, timestamp } from 'mysimbdp'
import type { App } from '#language/query/app.ts'
import {
  greenhouse,
  greenhouseQueries,
  greenhouseReadings,
  strictGreenhouse,
  WATERMARK_MS,
  watermarkAfter,
} from '../support/greenhouse.ts'
import { ASK, boundedRows, DROP, KEEP, LiveHost, REBUILD } from '../support/live-host.ts'

const { warmth, cold, mean } = greenhouseQueries

/** Rows are those of a bounded run of this app over the same records; open windows of an append query are not there yet. */
async function assertRowsOf(host: LiveHost, app: App, lines: readonly string[], delayMs = WATERMARK_MS): Promise<void> {
  const name = app.plan.name
  await host.caughtUp(name)
  const wanted = await boundedRows(app, { readings: lines })
  const watermarkMs = watermarkAfter(lines, delayMs)
  for (const { name: query, output } of app.plan.queries) {
    const rows = wanted(query).filter(({ windowEnd }) => output.mode !== 'append' || windowEnd! <= watermarkMs)
    assert.ok(rows.length > 0)
    assert.deepEqual(host.rows(name, query), rows.map(({ row }) => row).sort(), `rows of ${query}`)
  }
}

const otherSchema = schema('other', { at: timestamp() })

describe('deploying version after version of an app', () => {
  let host: LiveHost
  const lines: string[] = []
  let version: App
  before(async () => {
    version = greenhouse({ warmth: warmth(), cold: cold() })
    host = await LiveHost.open([version])
  })
  after(() => host.close())

  const more = async (count: number): Promise<void> => {
    const readings = greenhouseReadings(lines.length + count, 7).slice(lines.length)
    lines.push(...readings)
    await host.feed('greenhouse', 'readings', readings)
  }
  const appFile = (): string => readFileSync(host.pathOf('greenhouse', 'app.json'), 'utf8')

  it('begins with the first, whose results are those of a bounded run', async () => {
    await more(600)
    await assertRowsOf(host, version, lines)
  })

  it('changes nothing when the same version comes again', async () => {
    const report = await host.platform.deploy(version, ASK)
    assert.deepEqual(
      [report.isNew, report.unchanged, report.added, report.removed, report.changed],
      [false, ['warmth', 'cold'], [], [], []],
    )
    await more(100)
    await assertRowsOf(host, version, lines)
  })

  it('refuses a query that changed, says what it said before and says now, and leaves everything as it was', async () => {
    const before = appFile()
    const changed = greenhouse({ warmth: warmth(), cold: mean() })
    await assert.rejects(host.platform.deploy(changed, ASK), {
      code: 'MSB_APP_CHANGED',
      message: /query 'cold' said «.*2 minutes.*» and now says «.*3 minutes.*»/s,
      hint: /--rebuild/,
    })
    await assert.rejects(host.platform.deploy(changed, KEEP), { code: 'MSB_APP_CHANGED', hint: /^(?!.*--keep)/ })
    assert.equal(appFile(), before)
    await more(50)
    await assertRowsOf(host, version, lines)
  })

  it('only says what it would do in a dry run', async () => {
    const before = appFile()
    const changed = greenhouse({ warmth: warmth(), cold: mean() })
    const report = await host.platform.deploy(changed, REBUILD, { dryRun: true })
    assert.deepEqual(report.pending, { rebuild: ['cold'], keep: [] })
    const other = await host.platform.deploy(greenhouse({ warmth: warmth() }, { name: 'other' }), ASK, { dryRun: true })
    assert.deepEqual([other.isNew, [...host.platform.apps.keys()]], [true, ['greenhouse']])
    assert.equal(appFile(), before)
    await more(50)
    await assertRowsOf(host, version, lines)
  })

  it('computes a changed query anew from the log when asked to', async () => {
    version = greenhouse({ warmth: warmth(), cold: mean() })
    const report = await host.platform.deploy(version, REBUILD)
    assert.deepEqual([report.unchanged, report.changed.map(({ query }) => query)], [['warmth'], ['cold']])
    await assertRowsOf(host, version, lines)
    await more(100)
    await assertRowsOf(host, version, lines)
  })

  it('lets an added query begin at the start of the log', async () => {
    version = greenhouse({ warmth: warmth(), cold: mean(), extra: cold('complete') })
    assert.deepEqual((await host.platform.deploy(version, ASK)).added, ['extra'])
    await assertRowsOf(host, version, lines)
  })

  it('takes a query away only when its results may go, and then with them', async () => {
    const without = greenhouse({ warmth: warmth(), extra: cold('complete') })
    await assert.rejects(host.platform.deploy(without, REBUILD), {
      code: 'MSB_APP_CHANGED',
      message: /query 'cold' is no longer there/,
      hint: /--drop-removed/,
    })
    assert.ok(host.rows('greenhouse', 'cold').length > 0)
    version = without
    assert.deepEqual((await host.platform.deploy(version, DROP)).removed, ['cold'])
    await more(20)
    assert.deepEqual(host.rows('greenhouse', 'cold'), [])
    await assertRowsOf(host, version, lines)
  })

  it('keeps the state of a query of which only the output changed', async () => {
    version = greenhouse({ warmth: warmth('update'), extra: cold('append') })
    const report = await host.platform.deploy(version, KEEP)
    assert.deepEqual(report.pending, { rebuild: [], keep: ['warmth', 'extra'] })
    await more(300)
    await host.caughtUp('greenhouse')
    assert.deepEqual(host.live('greenhouse').deployment.pending, { rebuild: [], keep: [] })
  })

  it('refuses other fields for the records of a log, and names the field', async () => {
    await assert.rejects(host.platform.deploy(strictGreenhouse(), { changed: 'rebuild', dropRemoved: true }), {
      code: 'MSB_APP_MISMATCH',
      message: /stream 'readings' of the deployed app 'greenhouse' has another schema: field 'celsius'/,
    })
  })

  it('refuses them also for a stream that was taken away and comes back', async () => {
    const name = 'comes_and_goes'
    const other = stream('other', { schema: otherSchema, eventTime: 'at' })
    const onlyOther = app(name, { timeZone: 'UTC' }, { all: other.output('append') })
    await host.platform.deploy(greenhouse({ warmth: warmth() }, { name }), ASK)
    await host.platform.deploy(onlyOther, DROP)
    await assert.rejects(host.platform.deploy(strictGreenhouse({ name }), DROP), {
      code: 'MSB_APP_MISMATCH',
      message: /stream 'readings' .* has another schema: field 'celsius'/,
    })
    assert.deepEqual(Object.keys(host.live(name).app.streams), ['other'])
    await host.platform.deploy(greenhouse({ warmth: warmth() }, { name }), DROP)
    await host.feed(name, 'readings', lines.slice(0, 100))
  })

  it('computes all queries anew with another watermark', async () => {
    version = greenhouse({ warmth: warmth('update', '60 seconds'), extra: cold('append', '60 seconds') })
    await assert.rejects(host.platform.deploy(version, ASK), {
      code: 'MSB_APP_CHANGED',
      message: /60 seconds|1 minute/,
    })
    await host.platform.deploy(version, REBUILD)
    await assertRowsOf(host, version, lines, 60_000)
    await more(50)
    await assertRowsOf(host, version, lines, 60_000)
  })

  it('computes all queries anew in another time zone', async () => {
    const queries = { warmth: warmth('update', '60 seconds'), extra: cold('append', '60 seconds') }
    version = greenhouse(queries, { timeZone: 'America/Chicago' })
    await assert.rejects(host.platform.deploy(version, ASK), { code: 'MSB_APP_CHANGED' })
    await host.platform.deploy(version, REBUILD)
    await assertRowsOf(host, version, lines, 60_000)
  })

  it('remembers what is to become of results over further versions, while the job does not run', async () => {
    const live = host.live('greenhouse')
    const inZone = (queries: Parameters<typeof greenhouse>[0]) => greenhouse(queries, { timeZone: 'America/Chicago' })
    await live.stopJob()
    // Kept, and the same again; taken away, and back with another meaning; rebuilt, and then something else is added.
    await host.platform.deploy(
      inZone({ warmth: warmth('append', '60 seconds'), extra: cold('append', '60 seconds') }),
      KEEP,
    )
    await host.platform.deploy(inZone({ warmth: warmth('append', '60 seconds') }), DROP)
    await host.platform.deploy(
      inZone({ warmth: warmth('append', '60 seconds'), extra: mean('append', '60 seconds') }),
      ASK,
    )
    version = inZone({
      warmth: warmth('append', '60 seconds'),
      extra: mean('append', '60 seconds'),
      more: cold('update', '60 seconds'),
    })
    await host.platform.deploy(version, ASK)
    await host.reopen()
    assert.equal(host.live('greenhouse').job.state, 'stopped')
    await host.live('greenhouse').startJob()
    await assertRowsOf(host, version, lines, 60_000)
  })

  it('goes on with all of it after a restart', async () => {
    await host.reopen()
    await assertRowsOf(host, version, lines, 60_000)
    await more(20)
    await assertRowsOf(host, version, lines, 60_000)
  })
})
