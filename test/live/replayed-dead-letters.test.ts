import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { startServer } from '#controlplane/api/server.ts'
import { systemClock } from '#foundation/time/clock.ts'
import { loadApp } from '#services/apps/load-app.ts'
import type { ReplayReport } from '#services/dead-letters/dead-letter-replay.ts'
import { LivePlatform } from '#services/live/live-platform.ts'
import { embeddedPlatform } from '../../src/wiring.ts'

const entry = new URL('../../src/worker.ts', import.meta.url)

/** What the routes answer, all together. */
interface Answer extends Omit<ReplayReport, 'late'> {
  readonly late: Readonly<Record<string, number>> | null
  readonly accepted: number
  readonly rejected: number
  readonly error?: { readonly code: string; readonly message: string }
  readonly deadLetters: readonly { readonly offset: number }[]
  readonly next: number | null
  readonly replay: { readonly kind: string } | null
  readonly header: string
  readonly record: string
}

/** A platform with one app on a free port, in this process; its threads are real. */
async function startPlatform(appPath: string, folder = mkdtempSync(join(tmpdir(), 'mysimbdp-replay-'))) {
  const app = await loadApp(appPath)
  const platform = await LivePlatform.open(folder, { platform: embeddedPlatform, clock: systemClock, entry })
  await platform.deploy(app, { changed: 'ask', dropRemoved: false })
  const live = platform.apps.get(app.plan.name)!
  const server = await startServer(platform, { port: 0 })
  const stream = Object.keys(app.streams)[0]!
  const base = `${server.url}/v1/apps/${app.plan.name}`
  const ask = async (path: string, body?: string | object, type = 'application/x-ndjson') => {
    const response = await fetch(`${base}${path}`, {
      ...(body !== undefined && {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
        headers: { 'content-type': typeof body === 'string' ? type : 'application/json' },
      }),
    })
    return { status: response.status, answer: (await response.json()) as Answer }
  }
  return {
    app,
    folder,
    live,
    send: (lines: string, type?: string) => ask(`/streams/${stream}/records`, lines, type),
    ask: (path: string, body?: object) => ask(`/streams/${stream}/dead-letters${path}`, body),
    /** All rows of all queries, once the job has read the whole log. */
    async results() {
      const [log] = await live.openLogs()
      const { end } = await log!.bounds(0)
      await log!.close()
      const isBehind = () =>
        live.job.status.queries.length === 0 ||
        live.job.status.queries.some(({ positions }) => positions[0]!.offset < end)
      for (let attempt = 0; isBehind() && attempt < 500; attempt++) await new Promise((done) => setTimeout(done, 20))
      assert.equal(isBehind(), false, 'the job has read the log')
      const results: Record<string, unknown> = {}
      for (const { name } of app.plan.queries) results[name] = (await ask(`/queries/${name}/results`)).answer
      const late = live.job.status.queries.map(({ query, lateRecords }) => [query, lateRecords])
      return { results, late: Object.fromEntries(late) as Record<string, number> }
    },
    async stop() {
      await server.close()
      await platform.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

type Platform = Awaited<ReturnType<typeof startPlatform>>

const prefixed = (line: string): string =>
  line.replaceAll(/"(\w+)":/g, (key, name: string) => (name === 'event_timestamp' ? key : `"x_${name}":`))

describe('trips of which a middle part came with wrong field names', () => {
  let clean: Platform
  let trips: readonly string[]
  const text = (lines: readonly string[]): string => `${lines.join('\n')}\n`
  const middle = (change: (line: string) => string): readonly string[] =>
    trips.map((line, i) => (i >= 1000 && i < 1700 ? change(line) : line))

  before(async () => {
    clean = await startPlatform('examples/chicago-taxi')
    const sample = clean.app.streams.ingestData!.sample!
    trips = [...sample.generate({ ...sample.defaults, records: 2500, date: '2024-04-13', faults: 0 })]
    assert.equal((await clean.send(text(trips))).answer.accepted, trips.length)
  })
  after(() => clean.stop())

  it('give exactly the results of a clean run when they are replayed with a rebuild', async () => {
    const broken = await startPlatform('examples/chicago-taxi')
    try {
      assert.equal((await broken.send(text(middle(prefixed)))).answer.rejected, 700)
      const wanted = await clean.results()
      assert.notDeepEqual(await broken.results(), wanted)
      const { answer: listed } = await broken.ask('?code=renamed_field&limit=1')
      assert.deepEqual([listed.deadLetters[0]?.offset, listed.next], [1000, 1001])

      const request = { rebuild: true, renames: ['x_*=*'] }
      const { answer: planned } = await broken.ask('/replay', { ...request, dryRun: true })
      assert.deepEqual([planned.selected, planned.repaired, planned.stillRejected, planned.late], [700, 700, [], null])
      const { answer: done } = await broken.ask('/replay', request)
      assert.equal(done.repaired, 700)
      assert.deepEqual(await broken.results(), wanted)
      const again = await broken.ask('/replay', request)
      assert.deepEqual([again.answer.selected, again.answer.replayedBefore], [0, 700])
      const { answer: one } = await broken.ask('/1000')
      assert.equal(one.replay?.kind, 'placed')
    } finally {
      await broken.stop()
    }
  })

  it('are appended again without a rebuild, and those that will be late are told before', async () => {
    const broken = await startPlatform('examples/chicago-taxi')
    try {
      await broken.send(text(middle(prefixed)))
      const before = await broken.results()
      const { answer: planned } = await broken.ask('/replay', { renames: ['x_*=*'], dryRun: true })
      assert.equal(planned.repaired, 700)
      assert.ok(planned.late!.sumFareWindow! > 0)
      assert.deepEqual(await broken.results(), before, 'a dry run changes nothing')
      const { answer: done } = await broken.ask('/replay', { renames: ['x_*=*'] })
      assert.deepEqual([done.repaired, done.late], [700, planned.late])
      const { late } = await broken.results()
      for (const [query, count] of Object.entries(late))
        assert.equal(count - before.late[query]!, planned.late![query], `late records of ${query}`)
    } finally {
      await broken.stop()
    }
  })

  it('are replayed as a person edited them, and what is wrong again stays', async () => {
    const broken = await startPlatform('examples/chicago-taxi')
    try {
      await broken.send(text(middle(prefixed)))
      const records = [
        { offset: 1000, record: trips[1000] },
        { offset: 1001, record: '{"still":"wrong"}' },
        { offset: 1002, record: 'two\nlines' },
      ]
      const { answer } = await broken.ask('/replay', { records })
      assert.deepEqual([answer.selected, answer.repaired], [3, 1])
      assert.deepEqual(
        answer.stillRejected.map(({ code, offset }) => [code, offset]),
        [
          ['renamed_field', 1001],
          ['malformed', 1002],
        ],
      )
      const nowhere = await broken.ask('/replay', { records: [{ offset: 5, record: '{}' }] })
      assert.deepEqual([nowhere.status, nowhere.answer.error?.code], [404, 'MSB_NOT_FOUND'])
      for (const wrong of [{ renames: ['x'] }, { renames: 'x=y' }, { records: [{}] }, { select: { code: 'nope' } }])
        assert.equal((await broken.ask('/replay', wrong)).answer.error?.code, 'MSB_REPLAY_INVALID')
    } finally {
      await broken.stop()
    }
  })
})

describe('CSV rows under a header with wrong names', () => {
  it('are replayed under the renamed header', async () => {
    const platform = await startPlatform('examples/first-query')
    try {
      const header = 'Sensor,Celsius,at'
      const rows = [
        'north,20.5,2024-06-02T08:00:06Z',
        '"so""uth",21,2024-06-02T08:00:07Z',
        'east,hot,2024-06-02T08:00:08Z',
      ]
      assert.equal((await platform.send(`${[header, ...rows].join('\n')}\n`, 'text/csv')).answer.rejected, 3)
      const { answer: one } = await platform.ask('/1')
      assert.deepEqual([one.header, one.record], [header, rows[1]])
      const { answer } = await platform.ask('/replay', { renames: ['Sensor=sensor', 'C*=c*'], rebuild: true })
      assert.deepEqual(
        [answer.repaired, answer.stillRejected[0]?.code, answer.stillRejected[0]?.field],
        [2, 'wrong_type', 'celsius'],
      )
    } finally {
      await platform.stop()
    }
  })
})
