import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it, type TestContext } from 'node:test'
import type { RunningCluster } from '#services/cluster/running-cluster.ts'
import { PlatformProcess, ProductProcess } from '../support/platform-process.ts'
import { product, runAsStream } from '../support/run-rows.ts'
import { withScratchFolder } from '../support/scratch-folder.ts'
import { APP, assertRows, EXAMPLE, isAppending, lastWatermark } from '../support/taxi-day.ts'
import { startTestCluster, whyNoServers } from '../support/test-cluster.ts'
import { TopicTraffic } from '../support/topic-traffic.ts'

const KINDS = ['kafka', 'cassandra', 'connect', 'spark'] as const
const RECORDS = 1200
const KILLS = Number(process.env.MYSIMBDP_SPARK_KILLS ?? 5)
/** With every other kill of the server the platform is killed too. */
const KILLS_OF_PLATFORM = 2
const RATE = '200/s'

/** Emulator, Kafka, four queries on Spark, Connect, Cassandra, by configuration only. Each kill of Spark costs half a minute on a quiet machine: queries start cold. */
describe('an app on Spark whose results are served from Cassandra', { skip: await whyNoServers(KINDS) }, () => {
  let cluster: RunningCluster
  let traffic: TopicTraffic
  before(async () => {
    cluster = await startTestCluster({ servers: KINDS })
    traffic = new TopicTraffic(cluster.addresses.bootstrapServers)
  })

  const computedTopics = async (): Promise<readonly string[]> =>
    (await traffic.topics(`${APP}_`)).filter((topic) => topic.includes('Computed-'))

  /** Messages that were the last of their key already. */
  async function repeatsIn(topic: string): Promise<number> {
    const last = new Map<string, string | null>()
    let repeats = 0
    for (const [key, value] of await traffic.messages(topic)) {
      if (last.get(key) === value) repeats++
      last.set(key, value)
    }
    return repeats
  }

  it(`has the rows of a run there, and no row twice in the topics, through ${KILLS} kills of Spark and ${KILLS_OF_PLATFORM} of the platform`, async (test: TestContext) => {
    await withScratchFolder(async (folder) => {
      const file = join(folder, 'day.ndjson')
      product(['generate', EXAMPLE, '--date', '2024-04-12', '--records', String(RECORDS), '--out', file])
      const wanted = runAsStream(EXAMPLE, [file], folder)
      const start = (port = 0): Promise<PlatformProcess> =>
        PlatformProcess.start(join(folder, 'data'), [EXAMPLE], { args: ['--config', cluster.platformFile], port })
      let platform = await start()
      test.after(() => platform.kill())
      let killsOfPlatform = 0
      for (const [kill, piece] of piecesOf(file, folder).entries()) {
        const grown = kill < KILLS ? traffic.grown(await computedTopics()) : null
        const emulator = new ProductProcess([
          ...['emulate', EXAMPLE, '--url', platform.url, '--rate', RATE, '--input', piece],
        ])
        test.after(() => emulator.kill())
        assert.equal(await emulator.ended(), 0, emulator.said)
        if (grown === null) continue
        // A batch is written, and it is not written down yet that it was: most often.
        await grown
        const { port } = platform
        const platformToo = kill % 2 === 1 && killsOfPlatform < KILLS_OF_PLATFORM
        await Promise.all([cluster.kill('spark-1'), platformToo && platform.kill()])
        await cluster.restart('spark-1')
        if (!platformToo) continue
        killsOfPlatform++
        platform = await start(port)
      }
      assert.equal(killsOfPlatform, KILLS_OF_PLATFORM)

      const watermarkMs = await lastWatermark(platform.url, wanted, 'from Cassandra')
      await assertRows(platform.url, wanted, watermarkMs, 'from Cassandra')
      const computed = await computedTopics()
      assert.equal(computed.length, wanted.queries.size)
      const repeats = await Promise.all(computed.map(repeatsIn))
      test.diagnostic(`repeats that Spark wrote, by query: ${repeats.join(', ')}`)
      assert.ok(Math.max(...repeats) > 0, 'the kills met no batch between its rows and its end: they show nothing')
      for (const query of wanted.queries.keys()) {
        const topic = `${APP}_${query}Stream`
        assert.equal(await repeatsIn(topic), 0, query)
        const keys = (await traffic.messages(topic)).map(([key]) => key)
        if (isAppending(query)) assert.equal(new Set(keys).size, keys.length, query)
      }
    })
  })
})

/** The lines of a file in one more piece than there are kills. */
function piecesOf(file: string, folder: string): readonly string[] {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  const size = Math.ceil(lines.length / (KILLS + 1))
  return Array.from({ length: KILLS + 1 }, (_, index) => {
    const piece = join(folder, `piece-${index}.ndjson`)
    writeFileSync(piece, `${lines.slice(index * size, (index + 1) * size).join('\n')}\n`)
    return piece
  })
}
