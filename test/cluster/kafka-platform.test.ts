import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { RunningCluster } from '#services/cluster/running-cluster.ts'
import { consumedByKafka } from '../support/console-consumer.ts'
import { liveRows } from '../support/live-rows.ts'
import { PlatformProcess, ProductProcess } from '../support/platform-process.ts'
import { product, type RunRows, runAsStream } from '../support/run-rows.ts'
import { withScratchFolder } from '../support/scratch-folder.ts'
import { Seeded } from '../support/seeded.ts'
import { startTestCluster, whyNoServers } from '../support/test-cluster.ts'

const repository = fileURLToPath(new URL('../../', import.meta.url))
const trips = join(process.env.MYSIMBDP_DATA ?? join(repository, '../shared/data'), 'trips')
/** A real day where it is at hand; else a generated one of the same size. */
const REAL_DAY = join(trips, 'chicago_taxi_2022-03-01_portal23.csv.gz')

const EXAMPLE = 'examples/chicago-taxi'
const APP = 'tenantstreamapp'
const RATE = '1000/s'
const KILLS = Number(process.env.MYSIMBDP_KILLS ?? 6)
const ATTEMPTS = 600
const APPENDING = ['hotspotCommunityPickupWindow', 'hotspotWindow']

function inputFile(folder: string): string {
  if (existsSync(REAL_DAY)) return REAL_DAY
  const file = join(folder, 'day.ndjson')
  product(['generate', EXAMPLE, '--date', '2024-04-12', '--records', '17000', '--out', file])
  return file
}

/** The end of the latest window that is final: those after it a live stream has not closed yet. */
const endOf = (row: string): number => Date.parse(/"end":"([^"]+)"/.exec(row)![1]!)

/** Rows of windows that end by then. What the input's last seconds close, only its end does. */
function closedRows(rows: readonly string[], watermarkMs: number): readonly string[] {
  return rows.filter((row) => endOf(row) <= watermarkMs)
}

describe('an app on Kafka', { skip: await whyNoServers(['kafka']) }, () => {
  let cluster: RunningCluster
  let args: readonly string[]
  before(async () => {
    cluster = await startTestCluster({ servers: ['kafka'] })
    args = ['--config', cluster.platformFile]
  })

  const start = (data: string, port = 0): Promise<PlatformProcess> =>
    PlatformProcess.start(data, [EXAMPLE], { args, port })

  /** The watermark that the job has come to once it has read all of the input. */
  async function lastWatermark(url: string, wanted: RunRows, what: string): Promise<number> {
    await assertRowsOf(url, 'tripsTotal', wanted.queries.get('tripsTotal')!, what)
    const response = await fetch(`${url}/v1/apps/${APP}`)
    const { job } = (await response.json()) as { job: { queries: { query: string; closedUpToMs: number }[] } }
    return job.queries.find(({ query }) => query === 'hotspotWindow')!.closedUpToMs
  }

  async function assertRows(url: string, wanted: RunRows, watermarkMs: number, what: string): Promise<void> {
    for (const [query, rows] of wanted.queries)
      await assertRowsOf(url, query, APPENDING.includes(query) ? closedRows(rows, watermarkMs) : rows, what)
  }

  async function assertRowsOf(url: string, query: string, expected: readonly string[], what: string): Promise<void> {
    assert.ok(expected.length > 0)
    let found: readonly string[] = []
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      found = await liveRows(url, APP, query)
      if (found.length === expected.length && found.at(-1) === expected.at(-1)) break
      await delay(100)
    }
    assert.deepEqual(found, expected, `${query}, ${what}`)
  }

  /** What stands in the topics of results, as Kafka's own consumer reads it, is the rows; and an appended row is there once. */
  async function assertTopics(wanted: RunRows, watermarkMs: number, what: string): Promise<void> {
    for (const [query, rows] of wanted.queries) {
      const appends = APPENDING.includes(query)
      const expected = appends ? closedRows(rows, watermarkMs) : rows
      const server = cluster.addresses.bootstrapServers[0]!
      const messages = await consumedByKafka(server, `${APP}_${query}Stream`, expected.length)
      const latest = new Map(messages.map(({ key, value }) => [key, value]))
      assert.deepEqual([...latest.values()].sort(), [...expected].sort(), `topic of ${query}, ${what}`)
      if (appends) assert.equal(messages.length, expected.length, `${query}: messages in the topic, ${what}`)
    }
  }

  it(`gives the rows of a run, each once, through ${KILLS} kills of platform, emulator and broker; then from nothing but Kafka, and after a take-over`, async (test: TestContext) => {
    await withScratchFolder(async (folder) => {
      const file = inputFile(folder)
      const wanted = runAsStream(EXAMPLE, [file], folder)
      const seed = Number(process.env.MYSIMBDP_SEED ?? Date.now() % 1_000_000)
      const random = new Seeded(seed)
      const data = join(folder, 'data')
      let platform = await start(data)
      const { url, port } = platform
      const startEmulator = (): ProductProcess =>
        new ProductProcess(['emulate', EXAMPLE, '--url', url, '--rate', RATE, '--json', '--input', file])
      let emulator = startEmulator()
      test.after(() => Promise.all([platform.kill(), emulator.kill()]))

      const killed = { platform: 0, emulator: 0, broker: 0 }
      for (let kill = 0; kill < KILLS && !emulator.hasEnded; kill++) {
        await delay(random.between(1000, 4000))
        const victim = (['platform', 'broker', 'emulator'] as const)[kill % 3]!
        killed[victim]++
        if (victim === 'emulator') {
          await emulator.kill()
          emulator = startEmulator()
        } else if (victim === 'broker') await cluster.restart('kafka-1')
        else {
          await platform.kill()
          platform = await start(data, port)
        }
      }
      assert.equal(await emulator.ended(), 0, `seed ${seed}:\n${emulator.said}`)
      const what = `seed ${seed}, ${JSON.stringify(killed)}`

      const watermarkMs = await lastWatermark(url, wanted, what)
      await assertRows(url, wanted, watermarkMs, what)
      await assertTopics(wanted, watermarkMs, what)

      // A second instance stands by, with a folder of its own, and takes over when the first is killed.
      const standby = await start(join(folder, 'standby'))
      test.after(() => standby.kill())
      assert.match(standby.said, /job standby/)
      await platform.kill()
      await assertRows(standby.url, wanted, watermarkMs, `${what}, after the take-over`)
      await assertTopics(wanted, watermarkMs, `${what}, after the take-over`)
      test.diagnostic(what)
    })
  })
})
