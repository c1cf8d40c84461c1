import assert from 'node:assert/strict'
import { join } from 'node:path'
import { before, describe, it, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { RunningCluster } from '#services/cluster/running-cluster.ts'
import { PlatformProcess, ProductProcess } from '../support/platform-process.ts'
import { product, type RunRows, runAsStream } from '../support/run-rows.ts'
import { withScratchFolder } from '../support/scratch-folder.ts'
import { APP, EXAMPLE, rowsAtEnd } from '../support/taxi-day.ts'
import { startTestCluster, whyNoServers } from '../support/test-cluster.ts'
import { TopicTraffic } from '../support/topic-traffic.ts'

/** Of the server, in turn with the platform. */
const KILLS = Number(process.env.MYSIMBDP_SPARK_KILLS ?? 2)
const RECORDS = 2000
const ATTEMPTS = 300

interface AppReport {
  readonly job: { readonly queries: readonly { readonly query: string; readonly closedUpToMs: number | null }[] }
}

/** Kafka, Spark and the platform: four queries over two thousand trips, with kills. Some minutes on two busy cores. */
describe('an app whose engine is Spark', { skip: await whyNoServers(['kafka', 'spark']) }, () => {
  let cluster: RunningCluster
  before(async () => {
    cluster = await startTestCluster({ servers: ['kafka', 'spark'] })
  })

  /** Waits until the last value of each key in a topic of results is a row of the run. */
  async function assertTopic(query: string, expected: () => Promise<readonly string[]>, what: string): Promise<void> {
    const traffic = new TopicTraffic(cluster.addresses.bootstrapServers)
    for (let attempt = 1; ; attempt++) {
      const found = [...(await traffic.latest(`${APP}_${query}Stream`)).values()].sort()
      const wanted = [...(await expected())].sort()
      if (attempt < ATTEMPTS && found.join('\n') !== wanted.join('\n')) {
        await delay(1000)
        continue
      }
      assert.ok(wanted.length > 0)
      assert.deepEqual(found, wanted, `${query}, ${what}`)
      return
    }
  }

  async function assertResults(platform: PlatformProcess, run: RunRows, what: string): Promise<void> {
    const watermarkMs = async (): Promise<number> => {
      const { job } = await platform.getJson<AppReport>(`/v1/apps/${APP}`)
      return job.queries.find(({ query }) => query === 'hotspotWindow')?.closedUpToMs ?? Number.NEGATIVE_INFINITY
    }
    for (const [query, rows] of run.queries)
      await assertTopic(query, async () => rowsAtEnd(query, rows, await watermarkMs()), what)
  }

  it(`leaves the rows of a run in the topics, through ${KILLS} kills of Spark and of the platform`, async (test: TestContext) => {
    await withScratchFolder(async (folder) => {
      const file = join(folder, 'day.ndjson')
      product(['generate', EXAMPLE, '--date', '2024-04-12', '--records', String(RECORDS), '--out', file])
      const run = runAsStream(EXAMPLE, [file], folder)
      const data = join(folder, 'data')
      const args = ['--config', cluster.platformFile]
      let platform = await PlatformProcess.start(data, [EXAMPLE], { args })
      const { url, port } = platform
      const emulator = new ProductProcess(['emulate', EXAMPLE, '--url', url, '--rate', '100/s', '--input', file])
      test.after(() => Promise.all([platform.kill(), emulator.kill()]))
      for (let kill = 0; kill < KILLS; kill++) {
        await delay(8000)
        if (kill % 2 === 0) await cluster.restart('spark-1')
        else {
          await platform.kill()
          platform = await PlatformProcess.start(data, [EXAMPLE], { args, port })
        }
      }
      assert.equal(await emulator.ended(), 0, emulator.said)
      await assertResults(platform, run, `${KILLS} kills`)
      assert.equal(await platform.kill('SIGINT'), undefined)
    })
  })
})
