import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { startServer } from '#controlplane/api/server.ts'
import { systemClock } from '#foundation/time/clock.ts'
import { loadApp } from '#services/apps/load-app.ts'
import { LivePlatform } from '#services/live/live-platform.ts'
import { embeddedPlatform } from '../../src/wiring.ts'
import { EventStream } from '../support/event-stream.ts'

const APP_PATH = 'examples/first-query'
const entry = new URL('../../src/worker.ts', import.meta.url)
const readings = readFileSync(join(APP_PATH, 'readings.ndjson'), 'utf8')

/** A platform with the greenhouse app on a free port, in this process; its threads are real. */
async function startPlatform() {
  const folder = mkdtempSync(join(tmpdir(), 'mysimbdp-live-'))
  const app = await loadApp(APP_PATH)
  const platform = await LivePlatform.open(folder, { platform: embeddedPlatform, clock: systemClock, entry })
  await platform.deploy(app, { changed: 'ask', dropRemoved: false })
  const server = await startServer(platform, { port: 0 })
  const base = `${server.url}/v1/apps/${app.plan.name}`
  return {
    url: server.url,
    base,
    stop: async () => {
      await server.close()
      await platform.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

type Answer = Readonly<Record<string, unknown>> & {
  readonly error?: { readonly code: string; readonly message: string }
}

async function post(
  url: string,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<{ status: number; answer: Answer }> {
  const response = await fetch(url, {
    method: 'POST',
    body: Buffer.from(body),
    headers: { 'content-type': 'application/x-ndjson', ...headers },
  })
  return { status: response.status, answer: (await response.json()) as Answer }
}

/** Asks until the answer is as wanted: results follow ingest in another thread. */
async function eventually<T>(ask: () => Promise<T>, wanted: (answer: T) => boolean): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    const answer = await ask()
    if (wanted(answer) || attempt === 200) return answer
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const rowsOf = async (base: string, query = ''): Promise<readonly Readonly<Record<string, unknown>>[]> =>
  (
    (await (await fetch(`${base}/queries/warmth/results${query}`)).json()) as {
      rows: readonly Readonly<Record<string, unknown>>[]
    }
  ).rows

const at = (time: string, celsius: number, sensor = 'north'): string =>
  `${JSON.stringify({ sensor, celsius, at: time })}\n`

describe('the live platform', () => {
  let platform: Awaited<ReturnType<typeof startPlatform>>
  let records: string
  before(async () => {
    platform = await startPlatform()
    records = `${platform.base}/streams/readings/records`
  })
  after(() => platform.stop())

  it('takes records and serves the rows of the windows that closed', async () => {
    const { status, answer } = await post(records, readings)
    assert.deepEqual([status, answer.accepted, answer.rejected], [200, 19, 1])
    assert.match(String(answer.delivery), /^at-least-once/)
    const rows = await eventually(
      () => rowsOf(platform.base),
      ({ length }) => length >= 4,
    )
    assert.deepEqual(
      rows.slice(0, 4).map(({ sensor, readings: count }) => [sensor, count]),
      [
        ['north', 4],
        ['south', 4],
        ['north', 3],
        ['south', 4],
      ],
    )
    assert.equal((await rowsOf(platform.base, '?latest=1')).length, 1)
    assert.deepEqual(await rowsOf(platform.base, '?to=2000-01-01T00:00:00Z'), [])
  })

  it('counts each record of a producer once, however often it is sent', async () => {
    const producer = (await post(`${platform.base}/streams/readings/producers/greenhouse-1`, '')).answer
    assert.deepEqual([producer.epoch, producer.nextSequence], [1, 0])
    const place = `?producer=greenhouse-1&epoch=1&sequence=`
    const two = at('2024-06-02T08:00:01Z', 20) + at('2024-06-02T08:00:02Z', 21)
    const first = await post(`${records}${place}0`, two)
    assert.deepEqual(
      [first.answer.accepted, first.answer.alreadyReceived, first.answer.nextSequence, first.answer.delivery],
      [2, 0, 2, 'exactly-once'],
    )
    const again = await post(`${records}${place}0`, two + at('2024-06-02T08:00:03Z', 22))
    assert.deepEqual([again.answer.accepted, again.answer.alreadyReceived, again.answer.nextSequence], [1, 2, 3])
    const known = await fetch(`${platform.base}/streams/readings/producers/greenhouse-1`)
    assert.deepEqual(await known.json(), { epoch: 1, nextSequence: 3 })
    assert.equal((await fetch(`${platform.base}/streams/readings/producers/nobody`)).status, 404)
  })

  it('refuses a gap, and an instance that was taken over', async () => {
    const place = (epoch: number, sequence: number): string =>
      `${records}?producer=greenhouse-1&epoch=${epoch}&sequence=${sequence}`
    const gap = await post(place(1, 9), at('2024-06-02T08:00:04Z', 20))
    assert.deepEqual([gap.status, gap.answer.error?.code], [409, 'MSB_LOG_SEQUENCE_GAP'])
    assert.equal(gap.answer.nextSequence, 3, 'where the log stands, not where the request began')
    const successor = (await post(`${platform.base}/streams/readings/producers/greenhouse-1`, '')).answer
    assert.deepEqual([successor.epoch, successor.nextSequence], [2, 3])
    const fenced = await post(place(1, 3), at('2024-06-02T08:00:04Z', 20))
    assert.deepEqual([fenced.status, fenced.answer.error?.code], [409, 'MSB_LOG_PRODUCER_FENCED'])
  })

  it('takes gzip and CSV', async () => {
    const zipped = await post(records, gzipSync(at('2024-06-02T08:00:05Z', 20)), { 'content-encoding': 'gzip' })
    assert.equal(zipped.answer.accepted, 1)
    const csv = await post(records, 'sensor,celsius,at\nnorth,20.5,2024-06-02T08:00:06Z\n', {
      'content-type': 'text/csv',
    })
    assert.equal(csv.answer.accepted, 1)
    const cut = await post(records, gzipSync(readings).subarray(0, 100), { 'content-encoding': 'gzip' })
    assert.deepEqual([cut.status, cut.answer.error?.code], [400, 'MSB_INPUT_UNREADABLE'])
  })

  it('tells followers of a query every change, from where they stand', async () => {
    const follower = await EventStream.open(`${platform.base}/queries/warmth/live`)
    const [snapshot, end] = [await follower.next(), await follower.next()]
    assert.deepEqual([snapshot.event, snapshot.id, end.event], ['snapshot', '', 'snapshot-end'])
    assert.match(snapshot.data, /"reset":true,"rows":\[\{"key":"\d+\|north","row":\{"window"/)
    await post(records, at('2024-06-03T08:00:00Z', 20) + at('2024-06-03T08:02:00Z', 20))
    const change = await follower.next()
    assert.equal(change.event, 'changes')
    assert.match(change.data, /"window":\{"start":"2024-06-0[23]/)
    follower.close()

    const back = await EventStream.open(`${platform.base}/queries/warmth/live`, end.id)
    assert.deepEqual(await back.next(), change)
    back.close()

    const stranger = await EventStream.open(`${platform.base}/queries/warmth/live`, 'another-1')
    assert.equal((await stranger.next()).event, 'snapshot')
    stranger.close()
  })

  it('says in a sentence that records have other columns', async () => {
    await post(
      records,
      Array.from(
        { length: 50 },
        (_, i) => `${JSON.stringify({ sensor: 'north', Celsius: 20 + i, at: '2024-06-03T08:03:00Z' })}\n`,
      ).join(''),
    )
    const health = (await (await fetch(`${platform.url}/health`)).json()) as {
      status: string
      apps: readonly { sentences: readonly string[] }[]
    }
    assert.equal(health.status, 'degraded')
    assert.match(
      health.apps[0]!.sentences[0]!,
      /% of \d+ records of readings in the last minute were rejected: field 'celsius' is missing; the records have 'Celsius'$/,
    )
  })

  it('answers what it does not know with what it knows', async () => {
    const unknown = await fetch(`${platform.base}/queries/nope/results`)
    assert.deepEqual(
      [unknown.status, ((await unknown.json()) as Answer).error?.message],
      [404, "app 'greenhouse' has no query 'nope'; it has warmth"],
    )
  })

  it('answers nobody from elsewhere', async () => {
    for (const headers of [{ origin: 'https://elsewhere.example' }, { origin: 'null' }]) {
      assert.equal((await post(records, readings, headers)).status, 403)
    }
  })

  it('serves its page, which loads nothing from elsewhere', async () => {
    const page = await fetch(platform.url)
    assert.match(page.headers.get('content-security-policy')!, /default-src 'self'/)
    const text = await page.text()
    assert.doesNotMatch(text, /https?:/)
    for (const [, path] of text.matchAll(/(?:src|href)="(\/[^"]+)"/g))
      assert.equal((await fetch(`${platform.url}${path}`)).status, 200, path)
  })
})
