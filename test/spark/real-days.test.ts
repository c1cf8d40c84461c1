import assert from 'node:assert/strict'
import { appendFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { sparkAddressOf } from '#dataplane/engines/spark/connect/connection-string.ts'
import { SparkSession } from '#dataplane/engines/spark/connect/spark-session.ts'
import { SESSION_SETTINGS } from '#dataplane/engines/spark/lowering/query.ts'
import { streamsOf } from '#language/plan/plan.ts'
import { loadApp } from '#services/apps/load-app.ts'
import { Feed } from '#services/emulation/feed.ts'
import { encodeLines } from '#services/emulation/feed-record.ts'
import { embeddedPlatform } from '../../src/wiring.ts'
import { documentDifferences } from '../real/document-differences.ts'
import { runBounded } from '../support/run-rows.ts'
import { runOnFile } from '../support/spark-runs.ts'
import { startTestCluster, whyNoServers } from '../support/test-cluster.ts'

const EXISTING = process.env.MYSIMBDP_TEST_SPARK
const DATA = process.env.MYSIMBDP_DATA ?? join(fileURLToPath(new URL('../../', import.meta.url)), '../shared/data')

interface RealInput {
  readonly example: string
  readonly folder: string
  /** Beginning of the names of its files. */
  readonly files: string
  /** Columns of doubles, which Spark adds up in another order. */
  readonly doubles: ReadonlySet<string>
}

const INPUTS: readonly RealInput[] = [
  { example: 'examples/chicago-taxi', folder: 'trips', files: 'chicago_taxi_2022-0', doubles: new Set() },
  {
    example: 'examples/earthquakes',
    folder: 'second-tenant',
    files: 'usgs_earthquakes',
    doubles: new Set(['mag_avg', 'mag_sum', 'rms_avg']),
  },
]

const filesOf = ({ folder, files }: RealInput): readonly string[] =>
  existsSync(join(DATA, folder))
    ? readdirSync(join(DATA, folder))
        .filter((name) => name.startsWith(files))
        .sort()
        .map((name) => join(DATA, folder, name))
    : []

/** Files as a producer would send them: JSON, in the order of event time. Answers how many records. */
async function writeLines(example: string, files: readonly string[], out: string): Promise<number> {
  const app = await loadApp(example)
  const [stream, { schema, eventTime }] = [...streamsOf(app.plan)][0]!
  const feed = new Feed({
    dropIncomplete: false,
    sort: true,
    sources: await Promise.all(files.map((file) => embeddedPlatform.openFile(file))),
    decoderOf: ({ format }) => embeddedPlatform.createDecoder(app, stream, format),
    schema,
    eventTime,
    eventTimeChoice: 'column',
    faults: { faults: [], seed: 0, from: 0, to: 0 },
  })
  const cursor = feed.walk()
  let records = 0
  for (; await cursor.advance(); records++) appendFileSync(out, encodeLines([cursor.take()], eventTime, 'column', 0))
  feed.close()
  return records
}

/** Seven queries, each over all of its input: seven minutes at a load of 12 on two cores, most of it for plans that are compiled cold. */
describe('real records on Spark', { skip: EXISTING === undefined && (await whyNoServers(['spark'])) }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'mysimbdp-real-'))
  let session: SparkSession
  before(async () => {
    const url = EXISTING ?? (await startTestCluster({ servers: ['spark'] })).addresses.sparkUrl
    session = new SparkSession(sparkAddressOf(url))
    // In one piece: offsets are numbers of lines.
    const inOnePiece = { 'spark.sql.files.minPartitionNum': '1', 'spark.sql.files.maxPartitionBytes': '1g' }
    await session.setConfiguration({ ...SESSION_SETTINGS, ...inOnePiece, 'spark.sql.shuffle.partitions': '2' })
  })
  after(() => {
    session.close()
    rmSync(folder, { recursive: true, force: true })
  })

  for (const input of INPUTS) {
    const files = filesOf(input)
    const skip = files.length === 0 && `no ${input.files}… in MYSIMBDP_DATA/${input.folder}`
    it(`give every row of a run of ${input.example}`, { skip }, async (test) => {
      const file = join(folder, `${input.folder}.ndjson`)
      const records = await writeLines(input.example, files, file)
      const wanted = runBounded(input.example, [file], folder)
      const { plan } = await loadApp(input.example)
      for (const query of plan.queries) {
        const started = performance.now()
        const found = await runOnFile(session, { plan, query }, file)
        const seconds = ((performance.now() - started) / 1000).toFixed(1)
        const rows = wanted.queries.get(query.name)!
        test.diagnostic(`${query.name}: ${records} records, ${rows.length} rows, ${seconds} s`)
        const text = (lines: readonly string[]): string => `[${[...lines].sort().join(',')}]`
        const differences = documentDifferences(text(rows), text(found.map(({ row }) => row)), input.doubles)
        assert.deepEqual(differences, [], query.name)
      }
    })
  }
})
