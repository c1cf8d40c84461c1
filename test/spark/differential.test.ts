import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { sparkCapabilities } from '#dataplane/engines/spark/capabilities.ts'
import { sparkAddressOf } from '#dataplane/engines/spark/connect/connection-string.ts'
import { SparkSession } from '#dataplane/engines/spark/connect/spark-session.ts'
import { lowerForKafka } from '#dataplane/engines/spark/lowering/kafka-query.ts'
import { SESSION_SETTINGS } from '#dataplane/engines/spark/lowering/query.ts'
import { NO_WRITERS } from '#dataplane/engines/spark/lowering/record-writers.ts'
import { unsupportedParts } from '#language/plan/unsupported-parts.ts'
import { loadApp } from '#services/apps/load-app.ts'
import { columnTypes, evaluate } from '../oracle/oracle.ts'
import { arbitraryHistory, arbitraryRepeatingHistory, type RandomHistory } from '../support/arbitrary-history.ts'
import { type Actual, compareWithExpected, type Expected } from '../support/expected-results.ts'
import { product, runBounded } from '../support/run-rows.ts'
import { loadScenario, type Scenario, scenarioNames } from '../support/scenario.ts'
import { runOnFile } from '../support/spark-runs.ts'
import { runOnSpark } from '../support/spark-scenario.ts'
import { EXAMPLE } from '../support/taxi-day.ts'
import { startTestCluster, whyNoServers } from '../support/test-cluster.ts'

/** A server that is there already, as in `sc://127.0.0.1:15002`; otherwise one is started. */
const EXISTING = process.env.MYSIMBDP_TEST_SPARK
/** One after the other the server would wait for us half of the time. */
const CONCURRENCY = 2

/** Random cases by seed: MYSIMBDP_TEST_SEED, and with MYSIMBDP_TEST_CASES any number of them. */
const SEED = Number(process.env.MYSIMBDP_TEST_SEED ?? 20_261_126)
const CASES = process.env.MYSIMBDP_TEST_CASES

/** One Spark for the whole corpus: about half a second for each query over whole input, and for each batch of a stream. */
describe('Spark gives what the rules say', {
  skip: EXISTING === undefined && (await whyNoServers(['spark'])),
  concurrency: CONCURRENCY,
}, () => {
  const folder = mkdtempSync(join(tmpdir(), 'mysimbdp-spark-'))
  let session: SparkSession
  before(async () => {
    const url = EXISTING ?? (await startTestCluster({ servers: ['spark'] })).addresses.sparkUrl
    session = new SparkSession(sparkAddressOf(url))
    await session.setConfiguration({
      ...SESSION_SETTINGS,
      'spark.sql.shuffle.partitions': '1',
      'spark.sql.debug.maxToStringFields': '10000',
    })
  })
  after(() => {
    session.close()
    rmSync(folder, { recursive: true, force: true })
  })

  for (const name of scenarioNames()) {
    it(name, async (test) => {
      const scenario = await loadScenario(name)
      const { failure } = scenario.expected
      if (failure !== null) {
        const place = `record ${failure.offset} of partition ${failure.partition} of stream '${failure.stream}'`
        const message = new RegExp(`MSB_RECORD_REJECTED: ${place} was rejected: ${failure.code}`)
        await assert.rejects(runOnSpark(session, scenario, folder), { message })
        return
      }
      const parts = unsupportedParts(scenario.plan, sparkCapabilities)
      if (parts.length > 0) {
        await assert.rejects(runOnSpark(session, scenario, folder), { code: 'MSB_PLAN_UNSUPPORTED' })
        test.diagnostic(`${name}: refused, as Spark does not have ${parts.length} of its parts`)
        return
      }
      const differences = differencesOf(await runOnSpark(session, scenario, folder), scenario)
      if (scenario.gaps.spark === undefined) assert.deepEqual(differences, [])
      else {
        assert.notDeepEqual(differences, [], 'Spark gives what the rules say: take the gap away')
        test.diagnostic(`${name}: differs, as listed: ${scenario.gaps.spark}`)
      }
    })
  }

  it('leaves filters of the query behind the watermark, and those of rejection before it', async () => {
    const { plan } = await loadScenario('watermark-ignores-filters')
    const connection = { 'bootstrap.servers': '127.0.0.1:1' }
    const topic = { connection, topic: 'records', batchRecordsMax: 1000 }
    const { input } = lowerForKafka(plan, plan.queries[0]!, topic, NO_WRITERS)
    assert.deepEqual(
      optimizedNodes(await session.explain(input)).filter((node) => !node.startsWith('Project')),
      [
        // Event time is marked on the end of the window, by which Spark drops and closes.
        'Aggregate [window_start, closes_at-T0ms]',
        'Filter (isnotnull(f0_id) AND NOT (f0_id = out))',
        'CollectMetrics accepted',
        'EventTimeWatermark event_time, 10 seconds',
        'Filter isnull(fault)',
        'CollectMetrics records',
        'Filter (isnotnull(value) AND (octet_length(value) > 0))',
        'StreamingRelationV2',
      ],
    )
  })

  it('reads a record by the rules, or as Avro, only where it is not clean', async () => {
    const { plan } = await loadScenario('watermark-ignores-filters')
    const topic = { connection: { 'bootstrap.servers': '127.0.0.1:1' }, topic: 'records', batchRecordsMax: 1000 }
    const writers = { known: [{ id: 7, schema: AVRO }], unknown: [8], asks: true }
    const { input } = lowerForKafka(plan, plan.queries[0]!, topic, writers)
    const nodes = optimizedNodes(await session.explain(input))
    const careful = nodes.filter((node) => /try_parse_json|AvroDataToCatalyst|raise_error/i.test(node))
    assert.equal(careful.length, 1, 'in one step')
    const [, before] = /^(.*?)(?:try_parse_json|AvroDataToCatalyst|raise_error)/i.exec(careful[0]!)!
    // Nothing of it stands before the question whether the record is clean.
    assert.match(before!, /, CASE WHEN (?:NOT )?clean THEN .*/)
  })

  it('gives the rows of the embedded engine for a day of trips', async () => {
    const file = join(folder, 'day.ndjson')
    product(['generate', EXAMPLE, '--date', '2024-04-12', '--records', '2000', '--out', file])
    const wanted = runBounded(EXAMPLE, [file], folder)
    const { plan } = await loadApp(EXAMPLE)
    for (const query of plan.queries) {
      const rows = (await runOnFile(session, { plan, query }, file)).map(({ row }) => row)
      assert.deepEqual(rows.sort(), [...wanted.queries.get(query.name)!].sort(), query.name)
    }
  })

  const agrees = async (history: RandomHistory): Promise<void> => {
    const { queries, streams } = evaluate(history.plan, history.inputs, { end: history.end })
    const rows = Object.entries(queries).map(([name, { rows: texts, keys }]) => [
      name,
      { rows: texts.map((row, i) => ({ key: keys[i]!, row })), late: [] },
    ])
    const expected: Expected = {
      queries: Object.fromEntries(rows),
      streams,
      failure: null,
      columnTypes: Object.fromEntries(history.plan.queries.map((query) => [query.name, columnTypes(query)])),
      recordCounts: {},
    }
    const actual = await runOnSpark(session, history, folder)
    assert.deepEqual(compareWithExpected({ ...actual, streams: {} }, expected, { anyOrder: true }), [])
  }

  const itAgrees = (what: string, histories: fc.Arbitrary<RandomHistory>, usual: number): void => {
    it(`gives what the rules say for ${what}`, async (test) => {
      const numRuns = CASES === undefined ? usual : Number(CASES)
      await fc.assert(fc.asyncProperty(histories, agrees), { numRuns, seed: SEED })
      test.diagnostic(`${numRuns} ${what}: no difference (seed ${SEED})`)
    })
  }
  itAgrees('random plans over input of one step', arbitraryHistory({ min: 1, max: 1 }), 150)
  itAgrees('random plans over input of several steps', arbitraryHistory({ min: 2, max: 4 }), 20)
  const repeating = arbitraryRepeatingHistory({ min: 2, max: 3 })
  itAgrees('random sessions and deduplication over records that repeat', repeating, 10)
})

const AVRO = '{"type":"record","name":"R","fields":[{"name":"id","type":"string"},{"name":"at","type":"long"}]}'

/** The nodes of the optimized plan, from the output to the source, without ids of columns and with the beginning of their arguments. */
function optimizedNodes(explained: string): readonly string[] {
  const plan = explained.slice(
    explained.indexOf('== Optimized Logical Plan =='),
    explained.indexOf('== Physical Plan =='),
  )
  return plan
    .split('\n')
    .map((line) => line.replace(/^[ :]*(\+- )?~?/, '').replace(/#\d+L?/g, ''))
    .filter((line) => /^[A-Z]/.test(line))
    .map((line) =>
      line
        .replace(/^(Aggregate \[[^\]]*\]).*/, '$1')
        .replace(/^(CollectMetrics \w+).*/, '$1')
        .replace(/^EventTimeWatermark [^,]*, (\w+): timestamp, (.*)/, 'EventTimeWatermark $1, $2')
        .replace(/^(StreamingRelationV2).*/, '$1'),
    )
}

/** What was late is not compared: Spark counts groups. */
function differencesOf({ queries, streams }: Actual, { expected }: Scenario): readonly string[] {
  const rules = Object.fromEntries(
    Object.entries(expected.queries).map(([name, { rows }]) => [name, { rows, late: [] }]),
  )
  return compareWithExpected({ queries, streams }, { ...expected, queries: rules }, { anyOrder: true })
}
