import assert from 'node:assert/strict'
import { join } from 'node:path'
import { before, describe, it, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { CassandraSession } from '#dataplane/sinks/cassandra/cassandra-session.ts'
import { loadApp } from '#services/apps/load-app.ts'
import type { RunningCluster } from '#services/cluster/running-cluster.ts'
import { LiveFollower } from '../support/live-follower.ts'
import { PlatformProcess, ProductProcess } from '../support/platform-process.ts'
import { product, type RunRows, runAsStream } from '../support/run-rows.ts'
import { withScratchFolder } from '../support/scratch-folder.ts'
import { APP, assertRows, EXAMPLE, rowsAtEnd } from '../support/taxi-day.ts'
import { startTestCluster, whyNoServers } from '../support/test-cluster.ts'
import { TopicTraffic } from '../support/topic-traffic.ts'

const KINDS = ['kafka', 'spark', 'connect', 'cassandra'] as const
/** Of Spark and of Cassandra each, while records come in. With one of each, and three times the records, it took eight minutes instead of four at a load of 10. */
const KILLS = Number(process.env.MYSIMBDP_SPARK_PLATFORM_KILLS ?? 0)
const [RECORDS, RATE] = KILLS === 0 ? [1000, '200/s'] : [1000 + KILLS * 2000, '40/s']
const KEYSPACE = 'mysimbdp_coredms'
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
  let traffic: TopicTraffic
  before(async () => {
    cluster = await startTestCluster({ servers: KINDS })
    traffic = new TopicTraffic(cluster.addresses.bootstrapServers)
  })

  const closedUpToMs = async (platform: PlatformProcess): Promise<number> => {
    const { job } = await platform.getJson<AppReport>(`/v1/apps/${APP}`)
    return job.queries.find(({ query }) => query === 'hotspotWindow')?.closedUpToMs ?? Number.NEGATIVE_INFINITY
  }

  /** Waits until the last value of each key in a topic of results is a row of the run. */
  async function assertTopic(query: string, expected: () => Promise<readonly string[]>): Promise<void> {
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

  async function killServers(): Promise<void> {
    for (let kill = 0; kill < KILLS; kill++)
      for (const server of ['spark-1', 'cassandra-1']) {
        const growth = await traffic.growthOf(await resultTopics())
        await growth.happened
        await cluster.kill(server)
        await cluster.restart(server)
      }
  }

  const resultTopics = async (): Promise<readonly string[]> =>
    (await traffic.topics(`${APP}_`)).filter((topic) => topic.endsWith('Stream'))

  /** No row is in a topic twice in a row, and none in a table that is not served. */
  async function assertNoneTwice(run: RunRows, watermarkMs: number): Promise<void> {
    for (const topic of await resultTopics()) {
      const last = new Map<string, string | null>()
      for (const [key, value] of await traffic.messages(topic)) {
        assert.notEqual(last.get(key), value, `a row of ${topic}`)
        last.set(key, value)
      }
    }
    const { plan } = await loadApp(EXAMPLE)
    const port = cluster.addresses.cqlPort
    const session = new CassandraSession({ contactPoints: ['127.0.0.1'], port, localDataCenter: 'datacenter1' })
    for (const { name, table } of plan.queries) {
      let rows = 0
      for await (const page of session.pages(`SELECT key FROM ${KEYSPACE}.${table.toLowerCase()}`)) rows += page.length
      assert.equal(rows, rowsAtEnd(name, run.queries.get(name)!, watermarkMs).length, `rows in table ${table}`)
    }
    await session.close()
  }

  it(`has the rows of a run in the topics, in Cassandra, on the command line and for followers, once each, through ${KILLS} kills of Spark and of Cassandra`, async (test: TestContext) => {
    await withScratchFolder(async (folder) => {
      const file = join(folder, 'day.ndjson')
      product(['generate', EXAMPLE, '--date', '2024-04-12', '--records', String(RECORDS), '--out', file])
      const run = runAsStream(EXAMPLE, [file], folder)
      const args = ['--config', cluster.platformFile]
      const platform = await PlatformProcess.start(join(folder, 'data'), [EXAMPLE], { args })
      const { url } = platform
      const emulator = new ProductProcess([
        'emulate',
        EXAMPLE,
        '--url',
        url,
        '--rate',
        RATE,
        '--wait',
        '10 minutes',
        '--input',
        file,
      ])
      test.after(() => Promise.all([platform.kill(), emulator.kill()]))
      await killServers()
      assert.equal(await emulator.ended(), 0, emulator.said)
      for (const [query, rows] of run.queries)
        await assertTopic(query, async () => rowsAtEnd(query, rows, await closedUpToMs(platform)))
      const watermarkMs = await closedUpToMs(platform)
      try {
        await assertRows(url, run, watermarkMs, 'from Cassandra')
      } catch (error) {
        // What the platform says of its connectors: rows have failed to arrive on a machine with ten times the work.
        test.diagnostic(await (await fetch(`${url}/health`)).text())
        throw error
      }
      for (const [query, rows] of run.queries) {
        const printed = product(['results', APP, query, '--format', 'json', '--url', url]).trimEnd().split('\n')
        assert.equal(printed.length, rowsAtEnd(query, rows, watermarkMs).length, `printed rows of ${query}`)
      }
      await assertFollowed(url, run, watermarkMs)
      await assertNoneTwice(run, watermarkMs)
      await platform.kill('SIGINT')
    })
  })
})
