import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { CassandraSession } from '#dataplane/sinks/cassandra/cassandra-session.ts'
import { consumedByKafka } from './console-consumer.ts'
import { liveRows } from './live-rows.ts'
import type { PlatformProcess } from './platform-process.ts'
import { assertEachOnce, expectedTicks, type PlacedTick, type Tick, type Totals } from './tick-results.ts'

/** An app that counts ticks, and where it is. */
export interface TickApp {
  readonly app: string
  readonly folder: string
}

export const TICKING: TickApp = { app: 'ticking', folder: 'test/cluster/ticks' }
export const SPREAD_TICKING: TickApp = { app: 'spreadticking', folder: 'test/cluster/ticks/spread' }
export const QUIET_TICKING: TickApp = { app: 'quietticking', folder: 'test/cluster/ticks/quiet' }

export const ticksTopicOf = ({ app }: TickApp): string => `${app}_ticks`

const PAUSE_MS = 200
const ATTEMPTS = 3000

const keyspaceOf = ({ app }: TickApp): string => `ks_${app}`

/** The configuration of a cluster, with another number of partitions and, where there is a sink, a keyspace of the app's own, in a file of the folder. */
export function configurationWith(partitions: number, { app, platformFile, folder }: Configured): string {
  const configuration = JSON.parse(readFileSync(platformFile, 'utf8')) as PlatformDocument
  configuration.broker.partitions = partitions
  if (configuration.sink !== undefined) configuration.sink.keyspace = keyspaceOf(app)
  const path = join(folder, 'platform.json')
  writeFileSync(path, JSON.stringify(configuration))
  return path
}

interface Configured {
  readonly app: TickApp
  readonly platformFile: string
  readonly folder: string
}

interface PlatformDocument {
  readonly broker: { partitions: number }
  readonly sink?: { keyspace: string }
}

/** Waits until the job has counted so many records, all of which count in a query without lateness. */
export async function untilCounted(platform: PlatformProcess, app: TickApp, records: number): Promise<void> {
  let counted = 0
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    counted = await countedBy(platform, app)
    if (counted >= records) break
    await delay(PAUSE_MS)
  }
  assert.equal(counted, records, 'records counted')
}

async function countedBy({ url }: PlatformProcess, { app }: TickApp): Promise<number> {
  const rows = await liveRows(url, app, 'days')
  return rows.reduce((sum, row) => sum + (JSON.parse(row) as Totals).n, 0)
}

/** As Kafka's own consumer reads them. */
async function ticksInTopic(server: string, app: TickApp, count: number): Promise<readonly PlacedTick[]> {
  const messages = await consumedByKafka(server, ticksTopicOf(app), count)
  return messages.map(({ partition, offset, value }) => {
    const { at, ...tick } = JSON.parse(value!) as { id: number; at: string | number; sensor: string; value: number }
    return { ...tick, at: new Date(at).getTime(), partition, offset }
  })
}

/**
 * Holds what Kafka's own consumer, with committed records only, reads of the topics against what was sent and what follows from it by the rules: each record is
 * there once, each row is right, a row of `append` was written once.
 */
export async function assertTickTopics(
  server: string,
  app: TickApp,
  sent: readonly Tick[],
  partitions: number,
  what: string,
): Promise<ReturnType<typeof expectedTicks>> {
  const ticks = await ticksInTopic(server, app, sent.length)
  assertEachOnce(sent, ticks, what)
  const expected = expectedTicks(ticks, partitions)
  for (const [query, rows] of expected.rows) {
    const messages = await consumedByKafka(server, `${app.app}_${query}Stream`, rows.size)
    const found = new Map(messages.map(({ key, value }) => [key, totalsOf(value!)]))
    assert.deepEqual(sorted(found), sorted(rows), `topic of ${query}, ${what}`)
    if (query === 'minutes') assert.equal(messages.length, rows.size, `rows of ${query} written, ${what}`)
  }
  return expected
}

/** The platform itself says how many records were late, and serves the rows that the topics have. */
export async function assertServed(
  platform: PlatformProcess,
  app: TickApp,
  expected: ReturnType<typeof expectedTicks>,
  what: string,
): Promise<void> {
  await assertLate(platform, app, expected.late, what)
  await assertServedRows(platform, app, expected, what)
}

export async function assertLate(
  platform: PlatformProcess,
  { app }: TickApp,
  late: ReadonlyMap<string, number>,
  what: string,
): Promise<void> {
  const { job } = await platform.getJson<{ job: { queries: { query: string; lateRecords: number }[] } }>(
    `/v1/apps/${app}`,
  )
  const said = new Map(job.queries.map(({ query, lateRecords }) => [query, lateRecords]))
  assert.deepEqual(said, late, `late records, ${what}`)
}

/** Waits for them: a serving store has them some moments after the topics. */
export async function assertServedRows(
  { url }: PlatformProcess,
  { app }: TickApp,
  { rows }: ReturnType<typeof expectedTicks>,
  what: string,
): Promise<void> {
  const inOrder = (all: Iterable<Totals>): readonly string[] => [...all].map(({ n, total }) => `${n} ${total}`).sort()
  for (const [query, wanted] of rows) {
    const expected = inOrder(wanted.values())
    let served: readonly string[] = []
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      served = inOrder((await liveRows(url, app, query)).map((row) => totalsOf(row)))
      if (isDeepStrictEqual(served, expected)) break
      await delay(PAUSE_MS)
    }
    assert.deepEqual(served, expected, `rows of ${query} served, ${what}`)
  }
}

/** What stands in Cassandra, read there and not through the platform. */
export async function assertTickTables(
  cqlPort: number,
  app: TickApp,
  { rows }: ReturnType<typeof expectedTicks>,
  what: string,
): Promise<void> {
  const session = new CassandraSession({ contactPoints: ['127.0.0.1'], port: cqlPort, localDataCenter: 'datacenter1' })
  try {
    for (const [query, wanted] of rows) {
      const found = new Map<string, Totals>()
      for await (const page of session.pages(`SELECT key, n, total FROM ${keyspaceOf(app)}.${query}`))
        for (const { key, n, total } of page) found.set(String(key), { n: Number(n), total: Number(total) })
      assert.deepEqual(sorted(found), sorted(wanted), `table of ${query}, ${what}`)
    }
  } finally {
    await session.close()
  }
}

function totalsOf(row: string): Totals {
  const { n, total } = JSON.parse(row) as Totals
  return { n, total }
}

const sorted = (rows: ReadonlyMap<string, Totals>): readonly string[] =>
  [...rows].map(([key, { n, total }]) => `${key} ${n} ${total}`).sort()
