import assert from 'node:assert/strict'
import { join } from 'node:path'
import { before, describe, it, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
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

/** Kafka, Spark and the platform; one query, and that of the dead letters. A minute on a quiet machine, by estimate. */
describe('records that are rejected on Spark', { skip: await whyNoServers(['kafka', 'spark']) }, () => {
  let cluster: RunningCluster
  let traffic: TopicTraffic
  before(async () => {
    cluster = await startTestCluster({ servers: ['kafka', 'spark'] })
    traffic = new TopicTraffic(cluster.addresses.bootstrapServers)
  })

  it('are dead letters as those of the embedded engine: listed once with reason and bytes, counted, and brought back', async (test: TestContext) => {
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
      await counted(platform, 3)
      await platform.kill('SIGINT')
    })
  })
})

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
