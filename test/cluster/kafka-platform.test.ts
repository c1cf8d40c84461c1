import assert from 'node:assert/strict'
import { join } from 'node:path'
import { before, describe, it, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { appToJson } from '#services/apps/app-document.ts'
import { loadApp } from '#services/apps/load-app.ts'
import type { RunningCluster } from '#services/cluster/running-cluster.ts'
import { consumedByKafka } from '../support/console-consumer.ts'
import { PlatformProcess, ProductProcess } from '../support/platform-process.ts'
import { type RunRows, runAsStream } from '../support/run-rows.ts'
import { withScratchFolder } from '../support/scratch-folder.ts'
import { Seeded } from '../support/seeded.ts'
import { APP, assertRows, EXAMPLE, isAppending, lastWatermark, rowsAtEnd, taxiDay } from '../support/taxi-day.ts'
import { startTestCluster, whyNoServers } from '../support/test-cluster.ts'

const RATE = '1000/s'
const KILLS = Number(process.env.MYSIMBDP_KILLS ?? 6)

describe('an app on Kafka', { skip: await whyNoServers(['kafka']) }, () => {
  let cluster: RunningCluster
  let args: readonly string[]
  before(async () => {
    cluster = await startTestCluster({ servers: ['kafka'] })
    args = ['--config', cluster.platformFile]
  })

  const start = (data: string, port = 0): Promise<PlatformProcess> =>
    PlatformProcess.start(data, [EXAMPLE], { args, port })

  /** What stands in the topics of results, as Kafka's own consumer reads it, is the rows; and an appended row is there once. */
  async function assertTopics(wanted: RunRows, watermarkMs: number, what: string): Promise<void> {
    for (const [query, rows] of wanted.queries) {
      const expected = rowsAtEnd(query, rows, watermarkMs)
      const server = cluster.addresses.bootstrapServers[0]!
      const messages = await consumedByKafka(server, `${APP}_${query}Stream`, expected.length)
      const latest = new Map(messages.map(({ key, value }) => [key, value]))
      assert.deepEqual([...latest.values()].sort(), [...expected].sort(), `topic of ${query}, ${what}`)
      if (isAppending(query)) assert.equal(messages.length, expected.length, `${query}: messages in the topic, ${what}`)
    }
  }

  it(`gives the rows of a run, each once, through ${KILLS} kills of platform, emulator and broker; then from nothing but Kafka, and after a take-over`, async (test: TestContext) => {
    await withScratchFolder(async (folder) => {
      const file = taxiDay(folder)
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
      const grown = await withQueryTwice('tripsTotal', 'tripsTotalAgain')
      assert.match(await deploy(standby.url, grown), /MSB_STANDBY/)
      assert.match(await deploy(url, grown), /"added":\["tripsTotalAgain"\]/)
      await platform.kill()
      await assertRows(standby.url, wanted, watermarkMs, `${what}, after the take-over`)
      const again = { ...wanted, queries: new Map([['tripsTotalAgain', wanted.queries.get('tripsTotal')!]]) }
      await assertRows(standby.url, again, watermarkMs, `${what}, of a query that the first instance was given`)
      await assertTopics(wanted, watermarkMs, `${what}, after the take-over`)
      test.diagnostic(what)
    })
  })
})

/** The example with one of its queries under a second name too, as a document. */
async function withQueryTwice(query: string, name: string): Promise<string> {
  const document = JSON.parse(appToJson(await loadApp(EXAMPLE))) as {
    plan: { queries: { name: string; table: string }[] }
  }
  document.plan.queries.push({
    ...document.plan.queries.find((one) => one.name === query)!,
    name,
    table: name.toLowerCase(),
  })
  return JSON.stringify(document)
}

async function deploy(url: string, document: string): Promise<string> {
  const response = await fetch(`${url}/v1/apps`, { method: 'POST', body: document })
  return response.text()
}
