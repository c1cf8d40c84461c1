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

const RECORDS = 1000
const ATTEMPTS = 300

interface AppReport {
  readonly job: { readonly queries: readonly { readonly query: string; readonly closedUpToMs: number | null }[] }
}

/** Kafka, Spark and the platform: four queries over a thousand trips. Minutes on busy cores: each query compiles its plan in a JVM that is cold. */
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
      if (attempt < ATTEMPTS && (wanted.length === 0 || found.join('\n') !== wanted.join('\n'))) {
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

  it('leaves the rows of a run in the topics', async (test: TestContext) => {
    await withScratchFolder(async (folder) => {
      const file = join(folder, 'day.ndjson')
      product(['generate', EXAMPLE, '--date', '2024-04-12', '--records', String(RECORDS), '--out', file])
      const run = runAsStream(EXAMPLE, [file], folder)
      const data = join(folder, 'data')
      const args = ['--config', cluster.platformFile]
      const platform = await PlatformProcess.start(data, [EXAMPLE], { args })
      const { url } = platform
      const emulator = new ProductProcess(['emulate', EXAMPLE, '--url', url, '--rate', '200/s', '--input', file])
      test.after(() => Promise.all([platform.kill(), emulator.kill()]))
      assert.equal(await emulator.ended(), 0, emulator.said)
      await assertResults(platform, run, 'at the end')
      await platform.kill('SIGINT')
    })
  })
})
