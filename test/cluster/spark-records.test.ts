import assert from 'node:assert/strict'
import { join } from 'node:path'
import { before, describe, it, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { inBranch, type SchemaJson, unscaledBytes, writeAvro } from '#dataplane/decoding/testing/avro-writer.fixture.ts'
import type { RemoteRun } from '#dataplane/engines/remote-query.ts'
import { sha256 } from '#foundation/hash/sha256.ts'
import type { RunningCluster } from '#services/cluster/running-cluster.ts'
import type { DeadLetterDocument } from '#services/dead-letters/dead-letter-document.ts'
import { liveRows } from '../support/live-rows.ts'
import { PlatformProcess } from '../support/platform-process.ts'
import { product } from '../support/run-rows.ts'
import { withScratchFolder } from '../support/scratch-folder.ts'
import { startTestCluster, whyNoServers } from '../support/test-cluster.ts'
import { TopicTraffic } from '../support/topic-traffic.ts'

const APP = 'readings'
const STREAM = `/v1/apps/${APP}/streams/readings`
const AT = Date.parse('2024-04-13T12:00:00Z')
const FAR = Date.parse('2200-01-01T00:00:00Z')
const good = (more: object = {}): string => JSON.stringify({ at: AT, sensor: 'a', value: 1.5, ...more })

/** What is sent to the topic itself, with what is wrong with it. */
const WRONG: readonly (readonly [record: string, found: Partial<DeadLetterDocument>])[] = [
  ['{"at":', { code: 'malformed', field: null, expected: 'a JSON object', found: '{"at":' }],
  [good({ value: 1.505 }), { code: 'too_many_decimals', field: 'value', expected: 'decimal(8, 2)', found: '1.505' }],
  [good({ at: null }), { code: 'null_not_allowed', field: 'at', expected: 'timestamp', found: 'null' }],
  [
    JSON.stringify({ at: AT, name: 'a' }),
    { code: 'renamed_field', field: 'sensor', expected: 'string', found: 'name' },
  ],
  [good({ at: FAR }), { code: 'from_future', field: 'at', found: new Date(FAR).toISOString() }],
]
const CSV = 'at,sensor,value\n2024-04-13T12:00:00Z,a,much\n'
const FIRST_WRONG = 1
/** Records that count when the first test is over. */
const GOOD = 3

/** Kafka, Spark and the platform, twice; one query, and that of the dead letters. Six minutes at a load of 15 on two cores. */
describe('records on Spark', { skip: await whyNoServers(['kafka', 'spark']) }, () => {
  let cluster: RunningCluster
  let traffic: TopicTraffic
  before(async () => {
    cluster = await startTestCluster({ servers: ['kafka', 'spark'] })
    traffic = new TopicTraffic(cluster.addresses.bootstrapServers)
  })

  it('that are rejected are dead letters as those of the embedded engine: listed once with reason and bytes, counted, and brought back', async (test: TestContext) => {
    await withScratchFolder(async (folder) => {
      const args = ['--config', cluster.platformFile]
      const platform = await PlatformProcess.start(join(folder, 'data'), ['test/cluster/readings'], { args })
      test.after(() => platform.kill())
      await traffic.produce(`${APP}_readings`, [good(), ...WRONG.map(([record]) => record), good()])
      await fetch(`${platform.url}${STREAM}/records`, {
        method: 'POST',
        headers: { 'content-type': 'text/csv' },
        body: CSV,
      })

      const letters = await lettersOf(platform, WRONG.length + 1)
      for (const [index, [record, found]] of WRONG.entries()) {
        const { offset } = letters[index]!
        assert.equal(offset, FIRST_WRONG + index)
        const letter = await platform.getJson<DeadLetterDocument>(`${STREAM}/dead-letters/${offset}`)
        const { expected, ...rest } = found
        assert.deepEqual({ ...letter, ...rest, record, format: 'json', ...(expected && { expected }) }, letter)
      }
      const csv = letters.at(-1)!
      assert.deepEqual(
        [csv.code, csv.field, csv.found, csv.format],
        ['wrong_type', 'value', 'much', 'csv'],
        'as it was found before it came onto the topic',
      )

      await counted(platform, 2)
      const metrics = await (await fetch(`${platform.url}/metrics`)).text()
      assert.match(metrics, /mysimbdp_remote_stream_rejected_records_total\{[^}]*reason="too_many_decimals"[^}]*\} 1\n/)
      const replay = ['--app', APP, '--url', platform.url, '--code', 'renamed_field', '--rename', 'name=sensor']
      product(['dead-letters', 'replay', ...replay])
      await counted(platform, GOOD)
      await platform.kill('SIGINT')
    })
  })

  it('that are Avro are read by the schemas that they name, whenever those become known; the others are dead letters', async (test: TestContext) => {
    await withScratchFolder(async (folder) => {
      const args = ['--config', cluster.platformFile]
      const platform = await PlatformProcess.start(join(folder, 'data'), ['test/cluster/readings'], { args })
      test.after(() => platform.kill())
      const first = await registered(platform, WRITER)
      const short = onTheWire(first, WRITER, ['b', AT, 150n]).subarray(0, -1)
      const unknown = onTheWire(888_888, WRITER, ['b', AT, 150n])
      const ofFirst = [
        onTheWire(first, WRITER, ['b', AT, 150n]),
        short,
        unknown,
        onTheWire(first, WRITER, ['b', AT, -1n]),
      ]
      await traffic.produce(`${APP}_readings`, [good(), ...ofFirst])
      await counted(platform, GOOD + 3)
      const second = await registered(platform, LATER_WRITER)
      await traffic.produce(`${APP}_readings`, [
        onTheWire(second, LATER_WRITER, [7, 'c', inBranch(1, 2.5), AT]),
        good(),
      ])
      await counted(platform, GOOD + 5)

      const letters = (await lettersOf(platform, WRONG.length + 3)).slice(-2)
      assert.deepEqual(
        letters.map(({ code, field, format, expected }) => [code, field, format, expected]),
        [
          ['malformed', null, 'avro', 'a record in the form of its Avro schema'],
          ['unknown_schema', null, 'json', 'the id of a schema in the registry'],
        ],
      )
      const { job } = await platform.getJson<AppReport>(`/v1/apps/${APP}`)
      for (const { remote } of [...job.queries, ...job.deadLetters])
        assert.deepEqual([remote.state, remote.lastError], ['running', null])
      // Two schemas and an id that has none were asked for.
      assert.ok(job.queries[0]!.remote.restarts >= 3, `${job.queries[0]!.remote.restarts} restarts`)
      await platform.kill('SIGINT')
    })
  })
})

interface AppReport {
  readonly job: {
    readonly queries: readonly { readonly remote: RemoteRun }[]
    readonly deadLetters: readonly { readonly remote: RemoteRun }[]
  }
}

const VALUE = { type: 'bytes', logicalType: 'decimal', precision: 8, scale: 2 }
const AT_TYPE = { type: 'long', logicalType: 'timestamp-millis' }
const recordOf = (...fields: readonly SchemaField[]) => ({ type: 'record', name: 'Meter', fields })
interface SchemaField {
  readonly name: string
  readonly type: SchemaJson
}
/** Schemas of those who write Avro, matched by name. */
const WRITER = recordOf(
  { name: 'sensor', type: 'string' },
  { name: 'at', type: AT_TYPE },
  { name: 'value', type: VALUE },
)
const LATER_WRITER = recordOf(
  { name: 'battery', type: 'int' },
  { name: 'sensor', type: 'string' },
  { name: 'value', type: ['null', 'double'] },
  { name: 'at', type: AT_TYPE },
)

async function registered(platform: PlatformProcess, schema: SchemaJson): Promise<number> {
  const response = await fetch(
    `${platform.url}/registry/subjects/meters-${sha256(JSON.stringify(schema)).slice(0, 8)}/versions`,
    {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ schema: JSON.stringify(schema) }),
    },
  )
  const { id } = (await response.json()) as { id: number }
  return id
}

function onTheWire(id: number, schema: SchemaJson, values: readonly unknown[]): Buffer {
  const header = Buffer.alloc(5)
  header.writeUInt32BE(id, 1)
  const written = values.map((value) => (typeof value === 'bigint' ? unscaledBytes(value) : value))
  return Buffer.concat([header, writeAvro(schema, written)])
}

const ATTEMPTS = 300
const PAUSE_MS = 1000

async function lettersOf(platform: PlatformProcess, count: number): Promise<readonly DeadLetterDocument[]> {
  for (let attempt = 1; ; attempt++) {
    const { deadLetters } = await platform.getJson<{ deadLetters: readonly DeadLetterDocument[] }>(
      `${STREAM}/dead-letters`,
    )
    if (attempt === ATTEMPTS) assert.equal(deadLetters.length, count)
    if (deadLetters.length === count) return deadLetters
    await delay(PAUSE_MS)
  }
}

async function counted(platform: PlatformProcess, records: number): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const rows = await liveRows(platform.url, APP, 'days')
    const found = rows.reduce((sum, row) => sum + (JSON.parse(row) as { n: number }).n, 0)
    if (found === records) return
    if (attempt === ATTEMPTS) assert.equal(found, records)
    await delay(PAUSE_MS)
  }
}
