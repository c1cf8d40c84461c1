import assert from 'node:assert/strict'
import { join } from 'node:path'
import { before, describe, it, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { RunningCluster } from '#services/cluster/running-cluster.ts'
import { LiveFollower } from '../support/live-follower.ts'
import { PlatformProcess, ProductProcess } from '../support/platform-process.ts'
import { product, type RunRows, runAsStream } from '../support/run-rows.ts'
import { withScratchFolder } from '../support/scratch-folder.ts'
import { APP, assertRows, EXAMPLE, rowsAtEnd } from '../support/taxi-day.ts'
import { startTestCluster, whyNoServers } from '../support/test-cluster.ts'
import { TopicTraffic } from '../support/topic-traffic.ts'

const KINDS = ['kafka', 'spark', 'connect', 'cassandra'] as const
const RECORDS = 1000
const ATTEMPTS = 1500

interface AppReport {
  readonly job: { readonly queries: readonly { readonly query: string; readonly closedUpToMs: number | null }[] }
}

/**
 * Emulator, Kafka, four queries on Spark, Kafka, Connect, Cassandra, and the platform, over a thousand trips. Minutes on busy cores: each query compiles its plan in a JVM
 * that is cold.
 */
describe('an app whose engine is Spark and whose results are served from Cassandra', {
  skip: await whyNoServers(KINDS),
}, () => {
  let cluster: RunningCluster
  before(async () => {
    cluster = await startTestCluster({ servers: KINDS })
  })

  const closedUpToMs = async (platform: PlatformProcess): Promise<number> => {
    const { job } = await platform.getJson<AppReport>(`/v1/apps/${APP}`)
    return job.queries.find(({ query }) => query === 'hotspotWindow')?.closedUpToMs ?? Number.NEGATIVE_INFINITY
  }

  /** Waits until the last value of each key in a topic of results is a row of the run. */
  async function assertTopic(query: string, expected: () => Promise<readonly string[]>): Promise<void> {
    const traffic = new TopicTraffic(cluster.addresses.bootstrapServers)
    const topic = `${APP}_${query}Stream`
    for (let attempt = 1; ; attempt++) {
      const found = [...(await traffic.latest(topic)).values()].sort()
      const wanted = [...(await expected())].sort()
      if (attempt < ATTEMPTS && (wanted.length === 0 || found.join('\n') !== wanted.join('\n'))) {
        await delay(1000)
        continue
      }
      assert.ok(wanted.length > 0)
      assert.deepEqual(found, wanted, query)
      return
    }
  }

  /** What somebody sees who has the live page open. */
  async function assertFollowed(url: string, run: RunRows, watermarkMs: number): Promise<void> {
    for (const [query, rows] of run.queries) {
      const follower = new LiveFollower({ url, app: APP, query, stepBack: () => undefined })
      const wanted = rowsAtEnd(query, rows, watermarkMs).length
      for (let attempt = 1; follower.table.size < wanted && attempt < ATTEMPTS; attempt++) await delay(100)
      await follower.close()
      assert.equal(follower.table.size, wanted, `followed rows of ${query}`)
      assert.deepEqual(follower.violations, [])
    }
  }

  it('has the rows of a run in the topics, in Cassandra, on the command line and for followers', async (test: TestContext) => {
    await withScratchFolder(async (folder) => {
      const file = join(folder, 'day.ndjson')
      product(['generate', EXAMPLE, '--date', '2024-04-12', '--records', String(RECORDS), '--out', file])
      const run = runAsStream(EXAMPLE, [file], folder)
      const args = ['--config', cluster.platformFile]
      const platform = await PlatformProcess.start(join(folder, 'data'), [EXAMPLE], { args })
      const { url } = platform
      const emulator = new ProductProcess(['emulate', EXAMPLE, '--url', url, '--rate', '200/s', '--input', file])
      test.after(() => Promise.all([platform.kill(), emulator.kill()]))
      assert.equal(await emulator.ended(), 0, emulator.said)
      for (const [query, rows] of run.queries)
        await assertTopic(query, async () => rowsAtEnd(query, rows, await closedUpToMs(platform)))
      const watermarkMs = await closedUpToMs(platform)
      await assertRows(url, run, watermarkMs, 'from Cassandra')
      for (const [query, rows] of run.queries) {
        const printed = product(['results', APP, query, '--format', 'json', '--url', url]).trimEnd().split('\n')
        assert.equal(printed.length, rowsAtEnd(query, rows, watermarkMs).length, `printed rows of ${query}`)
      }
      await assertFollowed(url, run, watermarkMs)
      await platform.kill('SIGINT')
    })
  })
})
