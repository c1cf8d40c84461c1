import assert from 'node:assert/strict'
import { join } from 'node:path'
import { before, describe, it, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { RunningCluster } from '#services/cluster/running-cluster.ts'
import { consumedByKafka } from '../support/console-consumer.ts'
import { liveRows } from '../support/live-rows.ts'
import { PlatformProcess } from '../support/platform-process.ts'
import { withScratchFolder } from '../support/scratch-folder.ts'
import { startTestCluster, whyNoServers } from '../support/test-cluster.ts'
import { type Tick, ticksOf } from '../support/tick-results.ts'
import { assertServed, assertTickTopics, TICKING, ticksTopicOf, untilCounted } from '../support/tick-topics.ts'
import { TopicTraffic } from '../support/topic-traffic.ts'

const KILLS = Number(process.env.MYSIMBDP_SPARK_KILLS ?? 5)
/** The platform, which relays the rows, is killed with the server as often. */
const KILLS_OF_PLATFORM = Math.floor(KILLS / 2)
const TICKS_BETWEEN_KILLS = 400
/** Of the app. */
const DELAY_MS = 10_000
const PAUSE_MS = 500
const ATTEMPTS = 1200
const QUERIES = ['minutes', 'hours', 'days']

/**
 * One Kafka, and a Spark that is killed in the middle of batches: each time three queries start cold. At a load of 20 to 38 on two cores the kills took 20 minutes, and the
 * batches after them more than ten.
 */
describe('the results of Spark', { skip: await whyNoServers(['kafka', 'spark']) }, () => {
  let cluster: RunningCluster
  let traffic: TopicTraffic
  before(async () => {
    cluster = await startTestCluster({ servers: ['kafka', 'spark'] })
    traffic = new TopicTraffic(cluster.addresses.bootstrapServers)
  })

  const computedTopics = async (): Promise<readonly string[]> =>
    (await traffic.topics(`${TICKING.app}_`)).filter((topic) => topic.includes('Computed-'))

  /** Messages that were the last of their key already. */
  async function repeatsIn(topic: string): Promise<number> {
    const messages = await consumedByKafka(cluster.addresses.bootstrapServers[0]!, topic, 1)
    const last = new Map<string, string | null>()
    let repeats = 0
    for (const { key, value } of messages) {
      if (last.get(key) === value) repeats++
      last.set(key, value)
    }
    return repeats
  }

  it(`are there once each, through ${KILLS} kills of the server and ${KILLS_OF_PLATFORM} of the platform, while what Spark writes repeats itself`, async (test: TestContext) => {
    await withScratchFolder(async (folder) => {
      const start = (port = 0): Promise<PlatformProcess> =>
        PlatformProcess.start(join(folder, 'data'), [TICKING.folder], {
          args: ['--config', cluster.platformFile],
          port,
        })
      let platform = await start()
      test.after(() => platform.kill())
      // Which records are late is decided by Spark's batches: here none are.
      const ticks = ticksOf((KILLS + 1) * TICKS_BETWEEN_KILLS, 7).toSorted((a, b) => a.at - b.at)
      for (let kill = 0; kill < KILLS; kill++) {
        const growth = await traffic.growthOf(await computedTopics())
        await traffic.produce(ticksTopicOf(TICKING), ticks.slice(...roundOf(kill)).map(lineOf))
        // A batch is being written, and nowhere does it stand yet that it was.
        await growth.happened
        const platformToo = kill % 2 === 1
        await Promise.all([cluster.kill('spark-1'), platformToo && platform.kill()])
        await cluster.restart('spark-1')
        if (platformToo) platform = await start(platform.port)
      }
      await traffic.produce(ticksTopicOf(TICKING), ticks.slice(...roundOf(KILLS)).map(lineOf))

      await untilCounted(platform, TICKING, ticks.length)
      await untilClosed(platform, ticks.at(-1)!.at - DELAY_MS, ticks.length)
      const computed = await computedTopics()
      const repeats = await Promise.all(computed.map(repeatsIn))
      test.diagnostic(
        `rows that Spark wrote again, by topic: ${computed.map((topic, i) => `${topic} ${repeats[i]}`).join(', ')}`,
      )
      assert.equal(computed.length, QUERIES.length)
      assert.ok(Math.max(...repeats) > 0, 'no kill met a batch between its rows and its end: nothing is shown')
      for (const query of QUERIES) assert.equal(await repeatsIn(`${TICKING.app}_${query}Stream`), 0, query)
      const server = cluster.addresses.bootstrapServers[0]!
      const expected = await assertTickTopics(server, TICKING, ticks, 1, 'after the kills')
      await assertServed(platform, TICKING, expected, 'after the kills')
    })
  })
})

interface AppReport {
  readonly job: { readonly queries: readonly { readonly query: string; readonly closedUpToMs: number | null }[] }
}

/** Each query reads by itself: waits until the two that are not counted by are as far. */
async function untilClosed(platform: PlatformProcess, closedMs: number, records: number): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { job } = await platform.getJson<AppReport>(`/v1/apps/${TICKING.app}`)
    const minutes = job.queries.find(({ query }) => query === 'minutes')
    const hours = await liveRows(platform.url, TICKING.app, 'hours')
    const counted = hours.reduce((sum, row) => sum + (JSON.parse(row) as { n: number }).n, 0)
    if ((minutes?.closedUpToMs ?? 0) >= closedMs && counted === records) return
    await delay(PAUSE_MS)
  }
  throw new Error('minutes and hours did not come to the end of the ticks')
}

const roundOf = (kill: number): [from: number, to: number] => [
  kill * TICKS_BETWEEN_KILLS,
  (kill + 1) * TICKS_BETWEEN_KILLS,
]

const lineOf = ({ at, ...tick }: Tick): string => JSON.stringify({ ...tick, at: new Date(at).toISOString() })
