import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { ComputedRowTopics } from '#dataplane/brokers/kafka/computed-row-topics.ts'
import { KafkaChangelog } from '#dataplane/brokers/kafka/kafka-changelog.ts'
import { RelayedResultsStore } from '#dataplane/engines/embedded/runtime/relayed-results-store.ts'
import type { JobStatus } from '#dataplane/engines/engine.ts'
import type { RemoteQuery } from '#dataplane/engines/remote-query.ts'
import { collectJson } from '#dataplane/engines/spark/connect/collect-rows.ts'
import { sparkAddressOf } from '#dataplane/engines/spark/connect/connection-string.ts'
import { SparkSession } from '#dataplane/engines/spark/connect/spark-session.ts'
import type { SparkJobQuery, SparkJobSpec } from '#dataplane/engines/spark/jobs/job-queries.ts'
import { SparkJob } from '#dataplane/engines/spark/jobs/spark-job.ts'
import { systemClock } from '#foundation/time/clock.ts'
import type { RunningCluster } from '#services/cluster/running-cluster.ts'
import { sparkCheckpoints } from '#services/cluster/servers/spark-server.ts'
import { BreakingProxy } from '../support/breaking-proxy.ts'
import { type NumbersQuery, numbersQuery } from '../support/spark-relations.ts'
import { startTestCluster, whyNoServers } from '../support/test-cluster.ts'
import { TopicTraffic } from '../support/topic-traffic.ts'

const APP = 'numbers'
type LogPosition = JobStatus['queries'][number]['positions'][number]
const record = (at: number): string => JSON.stringify({ at, v: at })

/** One Kafka and one Spark; each query's first batch costs seconds. */
describe('on a Spark server', { skip: await whyNoServers(['kafka', 'spark']) }, () => {
  let cluster: RunningCluster
  let servers: readonly string[]
  let traffic: TopicTraffic
  before(async () => {
    cluster = await startTestCluster({ servers: ['kafka', 'spark'] })
    servers = cluster.addresses.bootstrapServers
    traffic = new TopicTraffic(servers)
    await traffic.create('in')
  })

  /** A session over connections that break once so much has come from the server; undefined for whole ones. */
  async function withSession(work: (session: SparkSession) => Promise<void>, breakAfter?: number): Promise<void> {
    const { host, port } = cluster.cluster.layout.spark
    const proxy = await BreakingProxy.open({ host, port }, breakAfter ?? Number.POSITIVE_INFINITY)
    const session = new SparkSession(sparkAddressOf(`sc://127.0.0.1:${proxy.port}`))
    try {
      await work(session)
      if (breakAfter !== undefined) assert.equal(proxy.broken, 1)
    } finally {
      session.close()
      await proxy.close()
    }
  }
  const sqlRows = (session: SparkSession, query: string): Promise<readonly string[]> =>
    collectJson(session, { relType: { case: 'sql', value: { query } } })

  it('a session gives rows as JSON, with every digit, nulls, and text of any kind', () =>
    withSession(async (session) => {
      assert.equal(await session.version(), '4.2.0')
      const rows = await sqlRows(
        session,
        "select 12345678901234567890.10 as d, '\u00e9\ud83d\ude00\"' as s, cast(null as int) as n union all select 2, '', 3",
      )
      assert.deepEqual(rows, [
        '{"d":12345678901234567890.10,"s":"\u00e9\ud83d\ude00\\"","n":null}',
        '{"d":2.00,"s":"","n":3}',
      ])
      assert.deepEqual(await sqlRows(session, 'select 1 as a where false'), [])
    }))

  it('an execution goes on where it was when the connection breaks in the middle', () =>
    withSession(async (session) => {
      const rows = await sqlRows(session, "select id, repeat('x', 100) as x from range(0, 200000, 1, 4)")
      assert.equal(rows.length, 200_000)
      assert.deepEqual(
        rows.map((row) => JSON.parse(row).id),
        Array.from(rows, (_, i) => i),
      )
    }, 1_000_000))

  it('an error has the class that Spark gave it, and the reason', () =>
    withSession(async (session) => {
      await assert.rejects(sqlRows(session, 'select * from nowhere'), {
        code: 'MSB_SPARK_REFUSED',
        where: { errorClass: 'TABLE_OR_VIEW_NOT_FOUND', sqlState: '42P01' },
        message: /`nowhere` cannot be found/,
      })
      await assert.rejects(sqlRows(session, 'selekt 1'), { code: 'MSB_SPARK_REFUSED', message: /Syntax error/ })
      const division = sqlRows(session, 'select id / (id - 3) from range(5)')
      await assert.rejects(division, { code: 'MSB_SPARK_FAILED', message: /Division by zero/ })
    }))

  it('a setting, a schema and a plan can be asked for', () =>
    withSession(async (session) => {
      await session.setConfiguration({ 'spark.sql.session.timeZone': 'Asia/Tokyo' })
      assert.equal(await session.configuration('spark.sql.session.timeZone'), 'Asia/Tokyo')
      assert.equal(await session.configuration('spark.mysimbdp.nothing'), undefined)
      const relation = { relType: { case: 'sql' as const, value: { query: 'select id from range(9) where id > 3' } } }
      assert.match(await session.schemaText(relation), /-- id: long/)
      assert.match(await session.explain(relation), /== Optimized Logical Plan ==[^=]*Filter \(id#\d+L > 3\)/)
    }))

  const query = (name: string, fingerprint: string, change: Partial<NumbersQuery> = {}): SparkJobQuery => ({
    name,
    fingerprint: fingerprint.repeat(64),
    stream: 'in',
    lower: () => numbersQuery({ server: servers[0]!, topic: 'in', ...change }),
  })
  const opened: SparkJob[] = []
  after(() => Promise.all(opened.map((job) => job.close())))
  let openings = 0
  /** What was committed comes from Kafka each time; the session that was used before is known by the record of an instance. */
  async function open(
    queries: readonly SparkJobQuery[],
    spec: Partial<SparkJobSpec> = {},
    instance = 'first',
  ): Promise<SparkJob> {
    const { cluster: place, addresses } = cluster
    const connection = { bootstrapServers: servers, replication: 1 }
    const changelog = new KafkaChangelog({
      connection,
      app: APP,
      queries: queries.map(({ name }) => name),
      replication: 1,
      clock: systemClock,
    })
    const results = await RelayedResultsStore.open(join(place.folder, `job-${++openings}.db`), changelog)
    try {
      const plan = { formatVersion: 1, name: APP, timeZone: 'UTC', queries: [] } as const
      const job = SparkJob.open(
        { plan, ...spec },
        { queries, letters: [] },
        {
          address: sparkAddressOf(addresses.sparkUrl),
          pages: addresses.sparkUiUrl,
          checkpoints: sparkCheckpoints(place.folder),
          recordFile: join(place.folder, `${instance}.json`),
          clock: systemClock,
        },
        { results, topics: new ComputedRowTopics(connection), schemas: { byId: async () => undefined } },
      )
      opened.push(job)
      return job
    } catch (error) {
      await results.close()
      throw error
    }
  }
  const untilItFails = async (job: SparkJob): Promise<void> => {
    for (;;) await job.step()
  }

  async function untilStatus(job: SparkJob, isEnough: (status: JobStatus) => boolean): Promise<JobStatus> {
    while (!isEnough(job.status)) await job.step()
    return job.status
  }
  const factsOf = (status: JobStatus, name: string): RemoteQuery =>
    status.queries.find((one) => one.query === name)!.remote!
  const untilRead = async (job: SparkJob, name: string, rows: number): Promise<RemoteQuery> =>
    factsOf(await untilStatus(job, (status) => factsOf(status, name).inputRows >= rows), name)
  const results = async (): Promise<Readonly<Record<string, unknown>>> =>
    Object.fromEntries(
      [...(await traffic.latest(`${APP}_sumsStream`))].map(([key, value]) => [key, JSON.parse(value!).result]),
    )

  it('a job runs its queries from topic to topic, and tells how each fares', async () => {
    await traffic.produce('in', [0, 1, 6, 7, 8].map(record))
    let commits = 0
    const job = await open([query('sums', 'a')], { onCommit: () => commits++ })
    const facts = await untilRead(job, 'sums', 5)
    assert.equal(facts.state, 'running')
    assert.equal(facts.lastError, null)
    const [{ partition, offset, maxEventTime }] = job.status.queries[0]!.positions as [LogPosition]
    assert.deepEqual([partition, maxEventTime], [0, 8000])
    // The mark of the producer's transaction has an offset too.
    assert.ok(offset === 5 || offset === 6, `offset ${offset}`)
    assert.ok(commits > 0)
    assert.match(await (await fetch(facts.pageUrl!)).text(), /numbers\.sums/)
    assert.deepEqual(await results(), { 0: 1, 5: 21 })
    // Another control plane, as if the first had been killed: nothing is started again.
    const heir = await open([query('sums', 'a')])
    await traffic.produce('in', [9].map(record))
    await untilRead(heir, 'sums', 6)
    assert.equal(factsOf(heir.status, 'sums').restarts, 0)
    assert.deepEqual(await results(), { 0: 1, 5: 30 })
    await job.close()
    await heir.close()
  })

  /** What is kept of all computations of a query: names of topics, and of folders with checkpoints. */
  const kept = async (name: string): Promise<readonly (readonly string[])[]> => {
    const folder = join(sparkCheckpoints(cluster.cluster.folder), APP, name)
    return [await traffic.topics(`${APP}_${name}Computed-`), existsSync(folder) ? readdirSync(folder) : []]
  }

  it('a job refuses a changed query on its checkpoint, computes it anew when told so, and keeps nothing of before', async () => {
    const [before] = await kept('sums')
    const counts = query('sums', 'b', { aggregate: 'count(v)' })
    await assert.rejects(open([counts]), { code: 'MSB_STATE_FINGERPRINT', message: /'sums' has changed/ })
    const job = await open([counts], { rebuild: ['sums'] })
    await untilRead(job, 'sums', 6)
    assert.deepEqual(await results(), { 0: 2, 5: 4 })
    const [topics, folders] = await kept('sums')
    assert.deepEqual([before!.length, topics!.length, folders!.length], [1, 1, 1])
    assert.notDeepEqual(topics, before)
    await job.close()
  })

  it('a job starts a query again that ends with an error, later each time, and goes on with the others', async () => {
    const strict = query('strict', 'c', { failsFast: true })
    const job = await open([query('sums', 'b', { aggregate: 'count(v)' }), strict])
    await untilRead(job, 'strict', 6)
    await traffic.produce('in', ['{"at":'])
    const failed = await untilStatus(job, (status) => factsOf(status, 'strict').restarts >= 1)
    const { code, message } = factsOf(failed, 'strict').lastError!
    assert.equal(code, 'MSB_SPARK_QUERY_FAILED')
    assert.match(message, /MALFORMED_RECORD_IN_PARSING/)
    await traffic.produce('in', [11].map(record))
    await untilRead(job, 'sums', 2)
    assert.equal(factsOf(job.status, 'sums').restarts, 0)
    await job.close()
  })

  it('a job says that the server is gone, and goes on from the checkpoint when there is one again', async () => {
    const sums = query('sums', 'b', { aggregate: 'count(v)' })
    const job = await open([sums])
    await job.step()
    const session = new SparkSession(sparkAddressOf(cluster.addresses.sparkUrl))
    await session.version()
    await cluster.kill('spark-1')
    await assert.rejects(untilItFails(job), { code: 'MSB_SPARK_UNREACHABLE' })
    await job.close()
    const without = await open([sums])
    await assert.rejects(untilItFails(without), { code: 'MSB_SPARK_UNREACHABLE' })
    await without.close()
    await cluster.restart('spark-1')
    // Who does not look twice would find a session there in which nothing ran.
    await assert.rejects(session.version(), { code: 'MSB_SPARK_SESSION_LOST' })
    session.close()
    const again = await open([sums])
    assert.equal((await kept('strict'))[0]!.length, 1)
    await traffic.produce('in', [12].map(record))
    await untilRead(again, 'sums', 1)
    assert.deepEqual((await results())[10], 2)
    assert.deepEqual(await kept('strict'), [[], []], 'of a query that the app has no longer')
    await again.close()
  })

  it('a job whose app another instance took over is fenced, and does not take its queries back', async () => {
    const sums = query('sums', 'b', { aggregate: 'count(v)' })
    const former = await open([sums])
    await untilStatus(former, (status) => factsOf(status, 'sums').state === 'running')
    const heir = await open([sums], {}, 'second')
    await untilStatus(heir, (status) => factsOf(status, 'sums').state === 'running')
    await assert.rejects(untilItFails(former), { code: 'MSB_KAFKA_FENCED' })
    await former.close()
    await traffic.produce('in', [13].map(record))
    await untilRead(heir, 'sums', 1)
    assert.equal(factsOf(heir.status, 'sums').restarts, 0)
    assert.deepEqual((await results())[10], 3)
    await heir.close()
  })
})
