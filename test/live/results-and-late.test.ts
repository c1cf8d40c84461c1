import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { startServer } from '#controlplane/api/server.ts'
import { systemClock } from '#foundation/time/clock.ts'
import { loadApp } from '#services/apps/load-app.ts'
import { LivePlatform } from '#services/live/live-platform.ts'
import { embeddedPlatform } from '../../src/wiring.ts'
import { commandLine } from '../product/product-process.ts'
import { EventStream } from '../support/event-stream.ts'

const APP_PATH = 'examples/first-query'
const WINDOWS = 30

/** Two sensors, a reading a minute each: a row for each window and sensor that has closed. */
function readingsFrom(minute: number, minutes: number): string {
  const lines: string[] = []
  for (let i = minute; i < minute + minutes; i++)
    for (const sensor of ['north', 'south'])
      lines.push(
        JSON.stringify({ sensor, celsius: 20.5, at: new Date(Date.UTC(2024, 5, 1) + i * 60_000).toISOString() }),
      )
  return `${lines.join('\n')}\n`
}

describe('results and late records of a running platform', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mysimbdp-results-'))
  let live: LivePlatform
  let server: Awaited<ReturnType<typeof startServer>>
  let base: string

  const send = (body: string): Promise<Response> =>
    fetch(`${server.url}/v1/apps/greenhouse/streams/readings/records`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/x-ndjson' },
    })
  const textOf = async (path: string): Promise<string> => (await fetch(`${base}/${path}`)).text()
  const jsonOf = async <T>(path: string): Promise<T> => JSON.parse(await textOf(path)) as T
  interface Page {
    readonly rows: readonly unknown[]
    readonly keys: readonly string[]
    readonly next: string | null
  }
  const untilRead = async (): Promise<void> => {
    const unread = async (): Promise<number> => {
      const stats = (await (await fetch(`${server.url}/v1/apps/greenhouse/stats`)).json()) as {
        queries: { warmth: { unread: number; newestEventTime: string | null } }
      }
      return stats.queries.warmth.newestEventTime === null ? 1 : stats.queries.warmth.unread
    }
    while ((await unread()) > 0) await new Promise((resolve) => setTimeout(resolve, 20))
  }

  before(async () => {
    const app = await loadApp(APP_PATH)
    const entry = new URL('../../src/worker.ts', import.meta.url)
    live = await LivePlatform.open(folder, { platform: embeddedPlatform, clock: systemClock, entry })
    await live.deploy(app, { changed: 'ask', dropRemoved: false })
    server = await startServer(live, { port: 0 })
    base = `${server.url}/v1/apps/greenhouse/queries/warmth`
    await send(readingsFrom(0, WINDOWS * 5))
    // Long behind the watermark.
    await send(readingsFrom(0, 1))
    await untilRead()
  })
  after(async () => {
    await server.close()
    await live.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('gives every row once, page by page, in the order of all at once', async () => {
    const all = await jsonOf<Page>('results')
    assert.ok(all.rows.length >= 40, String(all.rows.length))
    assert.equal(all.next, null)
    const keys: string[] = []
    for (let next: string | null = ''; next !== null; ) {
      const page: Page = await jsonOf<Page>(
        `results?limit=7${next === '' ? '' : `&cursor=${encodeURIComponent(next)}`}`,
      )
      assert.ok(page.rows.length <= 7)
      keys.push(...page.keys)
      next = page.next
    }
    assert.deepEqual(keys, all.keys)
  })

  it('gives the newest rows, those of a time, of a key and of a group', async () => {
    const { keys } = await jsonOf<Page>('results')
    assert.deepEqual((await jsonOf<Page>('results?latest=3')).keys, keys.slice(-3))
    const from = keys[6]!.split('|')[0]!
    assert.deepEqual((await jsonOf<Page>(`results?from=${from}&to=${Number(from) + 1}`)).keys, keys.slice(6, 8))
    assert.deepEqual((await jsonOf<Page>(`results?key=${encodeURIComponent(keys[5]!)}`)).keys, [keys[5]])
    assert.deepEqual(
      (await jsonOf<Page>('results?group.sensor=north')).keys,
      keys.filter((key) => key.endsWith('|north')),
    )
  })

  it('streams all rows as NDJSON and CSV, with the digits they have', async () => {
    const { rows, keys } = await jsonOf<Page>('results')
    const lines = (await textOf('results?format=ndjson')).trimEnd().split('\n')
    assert.deepEqual(
      lines.map((line) => JSON.parse(line) as unknown),
      rows.map((row, i) => ({ key: keys[i], row })),
    )
    const csv = (await textOf('results?format=csv')).split('\r\n')
    assert.match(csv[0]!, /^window_start,window_end,sensor,/)
    assert.equal(csv.length, rows.length + 2)
    assert.match(csv[1]!, /,20\.50/)
  })

  it('refuses what it does not know in a sentence', async () => {
    for (const [path, sentence] of [
      ['results?form=1', /^there is no parameter 'form' here; there are from, to/],
      ['results?latest=many', /^parameter 'latest' must be a whole number from 1 to 10,000, and is 'many'$/],
      ['results?latest=1&limit=2', /^'latest' goes with neither/],
      [
        'results?from=yesterday',
        /^parameter 'from' must be a time, as epoch milliseconds or ISO 8601, and is 'yesterday'$/,
      ],
      ['results?from=1&from=2', /^parameter 'from' is given more than once$/],
      ['results?format=xml', /^parameter 'format' must be json or ndjson or csv, and is 'xml'$/],
      ['results?group.colour=red', /^query 'warmth' has no group field 'colour'; it has sensor$/],
      ['results?cursor=here', /^'here' is no cursor of 'warmth'/],
      ['late?from=7', /^the place of a record is \{partition\}\/\{offset\}/],
      ['live?form=1', /^there is no parameter 'form' here/],
    ] as const) {
      const response = await fetch(`${base}/${path}`)
      const { error } = (await response.json()) as { error: { code: string; message: string } }
      assert.deepEqual([response.status, error.code], [400, 'MSB_REQUEST_INVALID'], path)
      assert.match(error.message, sentence)
    }
  })

  it('shows late records with the windows they missed, in pages, one by one and as NDJSON', async () => {
    interface Late {
      readonly late: number
      readonly records: readonly {
        readonly offset: number
        readonly windows: readonly unknown[]
        readonly record: unknown
      }[]
      readonly next: string | null
    }
    const first = await jsonOf<Late>('late?limit=1')
    const offset = WINDOWS * 5 * 2
    assert.deepEqual([first.late, first.records[0]!.offset, first.next], [2, offset, `0/${offset + 1}`])
    assert.match(
      JSON.stringify(first.records[0]),
      /"windows":\[\{"start":"2024-0[56]-\d\dT[^"]+","end":"[^"]+"\}\],"record":\{"sensor":"north"/,
    )
    const second = await jsonOf<Late>(`late?from=${first.next}`)
    assert.deepEqual([second.records.length, second.next], [1, null])
    assert.deepEqual(await jsonOf(`late/0/${offset}`), first.records[0])
    assert.equal((await fetch(`${base}/late/0/1`)).status, 404)
    assert.equal((await textOf('late?format=ndjson')).trimEnd().split('\n').length, 2)
  })

  it('follows several queries in one stream, each with an id of its own', async () => {
    const stream = await EventStream.open(`${server.url}/v1/live?queries=greenhouse/warmth,greenhouse/warmth&latest=1`)
    const events = [await stream.next(), await stream.next(), await stream.next(), await stream.next()]
    assert.deepEqual(
      events.map(({ event }) => event),
      ['snapshot', 'snapshot-end', 'snapshot', 'snapshot-end'],
    )
    assert.match(events[3]!.id, /^[0-9a-f]{12}-\d+,[0-9a-f]{12}-\d+$/)
    stream.close()
    const back = await EventStream.open(
      `${server.url}/v1/live?queries=greenhouse/warmth,greenhouse/warmth&latest=1`,
      events[3]!.id,
    )
    await send(readingsFrom(WINDOWS * 5, 20))
    assert.equal((await back.next()).event, 'changes')
    back.close()
    assert.equal((await fetch(`${server.url}/v1/live?queries=warmth`)).status, 400)
    assert.equal((await fetch(`${server.url}/v1/live?queries=greenhouse/nope`)).status, 404)
  })

  it('prints results and late records by command', async () => {
    const place = ['--url', server.url]
    const table = await commandLine('results', 'greenhouse', ...place)
    assert.match(table.stdout, /^warmth {2}.*\n┌/)
    const json = await commandLine('results', 'greenhouse', 'warmth', '--format', 'json', '--latest', '2', ...place)
    assert.match(json.stdout, /^(\{"query":"warmth","key":"\d+\|(north|south)","row":\{"window":.*20\.50.*\}\}\n){2}$/)
    const csv = await commandLine('results', 'greenhouse', 'warmth', '--format', 'csv', '--latest', '2', ...place)
    assert.match(csv.stdout, /^window_start,.*\r\n.*\r\n.*\r\n$/)
    const unknown = await commandLine('results', 'greenhouse', 'nope', ...place)
    assert.deepEqual([unknown.status, unknown.stdout], [2, ''])
    assert.match(unknown.stderr, /has no query 'nope'; it has warmth/)

    const list = await commandLine('late', 'list', '--app', 'greenhouse', ...place)
    assert.match(list.stdout, /^warmth: 2 late records\n┌[\s\S]*300 │ 2024-/)
    const show = await commandLine('late', 'show', '300', '--query', 'warmth', '--app', 'greenhouse', ...place)
    assert.match(show.stdout, /^offset {6}300, partition 0\nevent time .*\nmissed .* to .*\n\n\{"sensor":"north"/)
    const out = join(folder, 'late.ndjson')
    const exported = await commandLine(
      'late',
      'export',
      '--query',
      'warmth',
      '--app',
      'greenhouse',
      '--out',
      out,
      ...place,
    )
    assert.match(exported.stderr, /^2 late records of warmth written to/)
    assert.equal(readFileSync(out, 'utf8'), await textOf('late?format=ndjson'))
    // The folder of an app can be looked at like that of a run.
    const inFolder = await commandLine('late', 'list', '--data', join(folder, 'apps', 'greenhouse'))
    assert.equal(inFolder.stdout, list.stdout)
  })
})
