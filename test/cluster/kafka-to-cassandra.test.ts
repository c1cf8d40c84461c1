import assert from 'node:assert/strict'
import { join } from 'node:path'
import { before, describe, it, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Producer, stringSerializers } from '@platformatic/kafka'
import { CassandraSession } from '#dataplane/sinks/cassandra/cassandra-session.ts'
import type { RunningCluster } from '#services/cluster/running-cluster.ts'
import { ConnectClient } from '#services/connect/connect-client.ts'
import { PlatformProcess, ProductProcess } from '../support/platform-process.ts'
import { product, runAsStream } from '../support/run-rows.ts'
import { withScratchFolder } from '../support/scratch-folder.ts'
import { APP, assertRows, EXAMPLE, lastWatermark, taxiDay } from '../support/taxi-day.ts'
import { startTestCluster, whyNoServers } from '../support/test-cluster.ts'

const KINDS = ['kafka', 'cassandra', 'connect'] as const
const AWAY_SECONDS = Number(process.env.MYSIMBDP_AWAY_SECONDS ?? 15)
const QUERY = 'tripsTotal'
const HEALTH_ATTEMPTS = 600

/** Took 14 minutes at a load of 30 on two cores, three of them for the first start: servers end and start again four times. */
describe('an app on Kafka whose results are served from Cassandra', { skip: await whyNoServers(KINDS) }, () => {
  let cluster: RunningCluster
  before(async () => {
    cluster = await startTestCluster({ servers: KINDS })
  })

  /** Waits until health says it, with what to do. */
  async function healthSays(platform: PlatformProcess, pattern: RegExp): Promise<void> {
    let said = ''
    for (let attempt = 0; attempt < HEALTH_ATTEMPTS; attempt++) {
      said = JSON.stringify(await platform.getJson('/health'))
      if (pattern.test(said)) return
      await delay(100)
    }
    assert.match(said, pattern)
  }

  async function poison(): Promise<void> {
    const bootstrapBrokers = [...cluster.addresses.bootstrapServers]
    const producer = new Producer({ clientId: 'poison', bootstrapBrokers, serializers: stringSerializers })
    await producer.send({ messages: [{ topic: `${APP}_${QUERY}Stream`, key: 'nobody', value: 'nonsense' }] })
    await producer.close()
  }

  /** What somebody does by hand to the table and the connector of a query. */
  async function tamper(): Promise<void> {
    const { cqlPort: port, connectUrls } = cluster.addresses
    const session = new CassandraSession({ contactPoints: ['127.0.0.1'], port, localDataCenter: 'datacenter1' })
    const found = await session.execute('SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?', [
      'mysimbdp_coredms',
    ])
    const table = found.map(({ table_name: name }) => String(name)).find((name) => /tripstotal/i.test(name))
    await session.define(`DROP TABLE mysimbdp_coredms."${table}"`)
    await session.close()
    await new ConnectClient({ url: connectUrls[0]! }).delete(`${APP}_hotspotWindow`)
  }

  it(`has the rows of a run there: Cassandra was killed and away for ${AWAY_SECONDS} s, Connect killed twice, a row was none, a table dropped, a connector deleted`, async (test: TestContext) => {
    await withScratchFolder(async (folder) => {
      const file = taxiDay(folder)
      const wanted = runAsStream(EXAMPLE, [file], folder)
      const platform = await PlatformProcess.start(join(folder, 'data'), [EXAMPLE], {
        args: ['--config', cluster.platformFile],
      })
      test.after(() => platform.kill())
      const emulator = new ProductProcess([
        ...['emulate', EXAMPLE, '--url', platform.url, '--rate', '1000/s', '--input', file],
      ])
      test.after(() => emulator.kill())

      await cluster.kill('cassandra-1')
      await delay(AWAY_SECONDS * 1000)
      await cluster.restart('cassandra-1')
      await cluster.kill('connect-1')
      await cluster.restart('connect-1')
      await poison()
      await cluster.restart('connect-1')
      await emulator.ended()
      await tamper()

      const watermarkMs = await lastWatermark(platform.url, wanted, 'from Cassandra')
      await assertRows(platform.url, wanted, watermarkMs, 'from Cassandra')

      await healthSays(platform, /the store did not take 1 row of query 'tripsTotal'.*mysimbdp dead-letters list/)
      const path = `/v1/apps/${APP}/queries/${QUERY}/dead-letters`
      const { count, deadLetters, next } = await platform.getJson<RefusedRows>(path)
      assert.deepEqual([count, deadLetters.length, next], [1, 1, null])
      const { row, key, source, reason } = deadLetters[0]!
      assert.deepEqual([row, key, source.topic], ['nonsense', 'nobody', `${APP}_${QUERY}Stream`])
      assert.match(reason, /a row is no JSON/)
      const listed = product(['dead-letters', 'list', '--app', APP, '--url', platform.url])
      assert.match(listed, /tripsTotal: 1 row that the store did not take[\s\S]*a row is no JSON/)
      assert.deepEqual((await platform.getJson<RefusedRows>(`${path}?from=1`)).deadLetters, [])
    })
  })
})

interface RefusedRows {
  readonly count: number
  readonly deadLetters: readonly {
    readonly row: string
    readonly key: string
    readonly reason: string
    readonly source: { readonly topic: string }
  }[]
  readonly next: number | null
}
