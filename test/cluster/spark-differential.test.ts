import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { sparkCapabilities } from '#dataplane/engines/spark/capabilities.ts'
import { sparkAddressOf } from '#dataplane/engines/spark/connect/connection-string.ts'
import { SparkSession } from '#dataplane/engines/spark/connect/spark-session.ts'
import { SESSION_SETTINGS } from '#dataplane/engines/spark/lowering/query.ts'
import { unsupportedParts } from '#language/plan/unsupported-parts.ts'
import { type Actual, compareWithExpected } from '../support/expected-results.ts'
import { loadScenario, type Scenario, scenarioNames } from '../support/scenario.ts'
import { runOnSpark } from '../support/spark-scenario.ts'
import { startTestCluster, whyNoServers } from '../support/test-cluster.ts'

/** A server that is there already, as in `sc://127.0.0.1:15002`; otherwise one is started. */
const EXISTING = process.env.MYSIMBDP_TEST_SPARK
/** One after the other the server would wait for us half of the time. */
const CONCURRENCY = 2

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
    await session.setConfiguration({ ...SESSION_SETTINGS, 'spark.sql.shuffle.partitions': '1' })
  })
  after(() => {
    session.close()
    rmSync(folder, { recursive: true, force: true })
  })

  for (const name of scenarioNames()) {
    it(name, async () => {
      const scenario = await loadScenario(name)
      if (scenario.expected.failure !== null) return // the stream stops the job, not the engine
      const parts = unsupportedParts(scenario.plan, sparkCapabilities)
      if (parts.length > 0) {
        await assert.rejects(runOnSpark(session, scenario, folder), { code: 'MSB_PLAN_UNSUPPORTED' })
        return
      }
      const differences = differencesOf(await runOnSpark(session, scenario, folder), scenario)
      if (scenario.gaps.spark === undefined) assert.deepEqual(differences, [])
      else assert.notDeepEqual(differences, [], 'Spark gives what the rules say: take the gap away')
    })
  }
})

/** What was late is not compared: Spark counts groups. */
function differencesOf({ queries, streams }: Actual, { expected }: Scenario): readonly string[] {
  const rules = Object.fromEntries(
    Object.entries(expected.queries).map(([name, { rows }]) => [name, { rows, late: [] }]),
  )
  return compareWithExpected({ queries, streams }, { ...expected, queries: rules }, { anyOrder: true })
}
