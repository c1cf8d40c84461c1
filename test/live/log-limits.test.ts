import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { startServer } from '#controlplane/api/server.ts'
import { LocalBroker } from '#dataplane/brokers/local/local-broker.ts'
import { systemClock } from '#foundation/time/clock.ts'
import { PlatformWatch } from '#services/health/platform-watch.ts'
import { LivePlatform } from '#services/live/live-platform.ts'
import { openLogs } from '#services/runs/bounded-run.ts'
import greenhouse from '../../examples/first-query/app.ts'
import { embeddedPlatform } from '../../src/wiring.ts'
import { withScratchFolder } from '../support/scratch-folder.ts'

const entry = new URL('../../src/worker.ts', import.meta.url)
const readings = readFileSync('examples/first-query/readings.ndjson', 'utf8')
const NAME = greenhouse.plan.name

const open = (folder: string): Promise<LivePlatform> =>
  LivePlatform.open(folder, { platform: embeddedPlatform, clock: systemClock, entry })

async function append(platform: LivePlatform, text: string): Promise<void> {
  async function* pieces() {
    yield new TextEncoder().encode(text)
  }
  await platform.apps.get(NAME)!.append({ stream: 'readings', format: 'json', producer: null }, pieces())
}

/** One reading a second of an hour later. */
const laterReadings = (from: number, count: number): string =>
  Array.from({ length: count }, (_, i) => {
    const at = new Date(Date.parse('2024-06-02T12:00:00Z') + (from + i) * 1000).toISOString()
    return `${JSON.stringify({ sensor: 'north', celsius: 20, at })}\n`
  }).join('')

function rowsOf(platform: LivePlatform): readonly (readonly [row: string, carriedOver: boolean])[] {
  const reader = platform.apps.get(NAME)!.openResults()
  try {
    return [...reader.rows('warmth')].map(({ row, carriedOver }) => [row, carriedOver])
  } finally {
    reader.close()
  }
}

async function until(holds: () => boolean): Promise<void> {
  for (let attempt = 0; !holds() && attempt < 400; attempt++) await delay(25)
}

/** Records arrive that the job does not see, in segments of their own, and then the log loses what is before the last one. */
async function outrun(folder: string): Promise<number> {
  const broker = new LocalBroker({ folder: join(folder, 'apps', NAME, 'log'), segmentBytesMax: 1 })
  try {
    const log = (await openLogs(greenhouse.plan, broker, () => ({ timeMs: null, bytes: 1 }))).get('readings')!
    for (const from of [0, 300, 600]) {
      const decoder = embeddedPlatform.createDecoder(greenhouse, 'readings', 'json')
      decoder.write(new TextEncoder().encode(laterReadings(from, 300)))
      decoder.end()
      const decoded = decoder.take(300, { arrivalMs: 0, maxFutureSkewMs: null })!
      await log.append({ partition: 0, decoded, arrivalMs: systemClock.nowMs() })
    }
    await log.applyRetention(systemClock.nowMs(), new Map([[0, Infinity]]))
    return (await log.bounds(0)).maxEventTimeBeforeStart
  } finally {
    await broker.close()
  }
}

it('a job whose records are gone stops and says so; a rebuild carries its rows over and goes on with what is there', () =>
  withScratchFolder(async (folder) => {
    const before = await open(folder)
    await before.deploy(greenhouse, { changed: 'ask', dropRemoved: false })
    await append(before, readings)
    await until(() => rowsOf(before).length >= 4)
    const early = rowsOf(before)
    await before.close()
    const boundMs = await outrun(folder)

    const platform = await open(folder)
    try {
      const live = platform.apps.get(NAME)!
      await until(() => live.job.state === 'must-rebuild')
      assert.equal(live.job.state, 'must-rebuild')
      assert.match(live.job.error!.message, /query 'warmth' has read to offset 20, and the log begins at 620/)
      const watch = new PlatformWatch(platform)
      const { status, findings } = (await watch.look()).health.apps[0]!
      watch.close()
      assert.equal(status, 'failed')
      assert.match(findings[0]!.sentence, /^the job has stopped until its queries are computed anew: query 'warmth'/)
      assert.match(findings[0]!.action, /`mysimbdp jobs rebuild greenhouse`/)
      await append(platform, laterReadings(900, 120))
      assert.deepEqual(rowsOf(platform), early, 'it does not go on from elsewhere')

      await live.rebuildJob(['warmth'])
      await until(() => rowsOf(platform).length >= early.length + 5)
      assert.equal(live.job.state, 'running')
      const rows = rowsOf(platform)
      assert.deepEqual(
        rows.filter(([, carriedOver]) => carriedOver).map(([row]) => row),
        early.map(([row]) => row),
      )
      const computed = rows.filter(([, carriedOver]) => !carriedOver).map(([row]) => JSON.parse(row))
      assert.ok(computed.every(({ window }) => Date.parse(window.start) > boundMs))
      assert.ok(computed.length >= 5 && computed.every((row) => row.readings === 60))
      const server = await startServer(platform, { port: 0 })
      const answer = await fetch(`${server.url}/v1/apps/${NAME}/queries/warmth/results`)
      const { keys, carriedOver } = (await answer.json()) as { keys: string[]; carriedOver: string[] }
      assert.deepEqual(carriedOver, keys.slice(0, early.length))
      await server.close()
    } finally {
      await platform.close()
    }
  }))

it('a log at the limit of the operator takes no more of a stream without retention, and says so over HTTP', () =>
  withScratchFolder(async (folder) => {
    const context = { platform: embeddedPlatform, clock: systemClock, entry, logBytesMax: 600_000 }
    const platform = await LivePlatform.open(folder, context)
    await platform.deploy(greenhouse, { changed: 'ask', dropRemoved: false })
    const server = await startServer(platform, { port: 0 })
    const send = (from: number) =>
      fetch(`${server.url}/v1/apps/${NAME}/streams/readings/records`, {
        method: 'POST',
        body: laterReadings(from, 4000),
        headers: { 'content-type': 'application/x-ndjson' },
      })
    try {
      let response = await send(0)
      let sent = 0
      for (; response.status === 200 && sent < 400_000; sent += 4000) response = await send(sent + 4000)
      assert.equal(response.status, 507)
      assert.ok(Number(response.headers.get('retry-after')) > 0)
      const answer = (await response.json()) as { error: { code: string; message: string }; accepted: number }
      assert.deepEqual([answer.error.code, answer.accepted], ['MSB_LOG_FULL', 0])
      assert.match(answer.error.message, /holds .* and may hold 600 KB/)
      assert.equal((await platform.apps.get(NAME)!.inputStats()).get('readings')!.logEnd, sent)
    } finally {
      await server.close()
      await platform.close()
    }
  }))
