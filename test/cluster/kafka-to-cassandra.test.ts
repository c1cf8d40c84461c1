import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Producer, stringSerializers } from '@platformatic/kafka'
import { CassandraSession } from '#dataplane/sinks/cassandra/cassandra-session.ts'
import { loadApp } from '#services/apps/load-app.ts'
import type { RunningCluster } from '#services/cluster/running-cluster.ts'
import { ConnectClient } from '#services/connect/connect-client.ts'
import { expectedTripsOfTopic } from '../real/trips.sql.ts'
import { consumedByKafka } from '../support/console-consumer.ts'
import { PlatformProcess, ProductProcess } from '../support/platform-process.ts'
import { product, type RunRows, runAsStream } from '../support/run-rows.ts'
import { withScratchFolder } from '../support/scratch-folder.ts'
import { APP, assertRows, EXAMPLE, lastWatermark, rowsAtEnd, taxiDays } from '../support/taxi-day.ts'
import { startTestCluster, whyNoServers } from '../support/test-cluster.ts'

const KINDS = ['kafka', 'cassandra', 'connect'] as const
const AWAY_SECONDS = Number(process.env.MYSIMBDP_AWAY_SECONDS ?? 15)
const QUERY = 'tripsTotal'
const KEYSPACE = 'mysimbdp_coredms'
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

  const newSession = (): CassandraSession => {
    const port = cluster.addresses.cqlPort
    return new CassandraSession({ contactPoints: ['127.0.0.1'], port, localDataCenter: 'datacenter1' })
  }

  /** What somebody does by hand to the table and the connector of a query. */
  async function tamper(): Promise<void> {
    const session = newSession()
    await session.define(`DROP TABLE ${KEYSPACE}.tripstotal`)
    await session.close()
    await new ConnectClient({ url: cluster.addresses.connectUrls[0]! }).delete(`${APP}_hotspotWindow`)
  }

  /** What DuckDB makes of the records that Kafka's own consumer reads, by SQL that was written by hand. */
  async function rowsByDuckDb({ read, rejected }: RunRows, folder: string): Promise<RunRows> {
    const messages = await consumedByKafka(cluster.addresses.bootstrapServers[0]!, `${APP}_ingestData`, read)
    const file = join(folder, 'topic.ndjson')
    writeFileSync(file, messages.map(({ offset, value }) => `${JSON.stringify({ offset, value })}\n`).join(''))
    const calculated = await expectedTripsOfTopic(file)
    const counts = { read: Number(calculated.read), rejected: Number(calculated.read - calculated.accepted) }
    assert.deepEqual(counts, { read, rejected }, 'records in the topic')
    return { ...counts, queries: new Map([...calculated.queries].map(([name, { rows }]) => [name, rows])) }
  }

  /** Nothing stands in the tables beside the rows that are served. */
  async function assertNoOtherRows({ queries }: RunRows, watermarkMs: number): Promise<void> {
    const { plan } = await loadApp(EXAMPLE)
    const session = newSession()
    for (const { name, table } of plan.queries) {
      let rows = 0
      for await (const page of session.pages(`SELECT key FROM ${KEYSPACE}.${table.toLowerCase()}`)) rows += page.length
      assert.equal(rows, rowsAtEnd(name, queries.get(name)!, watermarkMs).length, `rows in table ${table}`)
    }
    await session.close()
  }

  it(`has there, of two real days and a generated one, every row of a run and of DuckDB: Cassandra and then Kafka were killed and away for ${AWAY_SECONDS} s each, Connect killed twice, a row was none, a table dropped, a connector deleted`, async (test: TestContext) => {
    await withScratchFolder(async (folder) => {
      const files = taxiDays(folder)
      const wanted = runAsStream(EXAMPLE, files, folder)
      const platform = await PlatformProcess.start(join(folder, 'data'), [EXAMPLE], {
        args: ['--config', cluster.platformFile],
      })
      test.after(() => platform.kill())
      const emulator = new ProductProcess([
        ...['emulate', EXAMPLE, '--url', platform.url, '--rate', '1000/s', '--wait', '10 minutes'],
        ...files.flatMap((file) => ['--input', file]),
      ])
      test.after(() => emulator.kill())

      for (const server of ['cassandra-1', 'kafka-1']) {
        await cluster.kill(server)
        await delay(AWAY_SECONDS * 1000)
        await cluster.restart(server)
      }
      await cluster.kill('connect-1')
      await cluster.restart('connect-1')
      await poison()
      await cluster.restart('connect-1')
      assert.equal(await emulator.ended(), 0, emulator.said)
      await tamper()

      const watermarkMs = await lastWatermark(platform.url, wanted, 'from Cassandra')
      await assertRows(platform.url, wanted, watermarkMs, 'from Cassandra')
      await assertRows(platform.url, await rowsByDuckDb(wanted, folder), watermarkMs, 'from Cassandra, by DuckDB')
      await assertNoOtherRows(wanted, watermarkMs)

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
