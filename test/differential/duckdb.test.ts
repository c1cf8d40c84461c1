import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { evaluateWithDuckDb } from '#dataplane/engines/duckdb/duckdb-engine.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { streamsOf } from '#language/plan/plan.ts'
import { type AcceptedRecord, acceptedRecords } from '../support/accepted-records.ts'
import { compareWithExpected } from '../support/expected-results.ts'
import { loadScenario, type Scenario, scenarioNames } from '../support/scenario.ts'

async function evaluateScenario({ plan, end, inputs }: Scenario) {
  if (Object.values(inputs).some((steps) => steps.some(({ marks }) => marks !== undefined)))
    throw new MysimbdpError('MSB_PLAN_UNSUPPORTED', 'batch input has no idle marks')
  const records: Record<string, readonly AcceptedRecord[]> = {}
  const partitions: Record<string, number> = {}
  for (const [stream, source] of streamsOf(plan)) {
    const steps = inputs[stream] ?? []
    records[stream] = acceptedRecords(source, steps, end !== 'bounded')
    partitions[stream] = 1 + Math.max(0, ...steps.flatMap((step) => step.records.map(({ partition }) => partition)))
  }
  return evaluateWithDuckDb(plan, records, { end, partitions })
}

describe('DuckDB gives what the rules say', () => {
  for (const name of scenarioNames()) {
    it(name, async () => {
      const scenario = await loadScenario(name)
      if (scenario.expected.failure !== null) return // the stream stops the job before any query
      if (scenario.gaps.duckdb !== undefined) {
        await assert.rejects(evaluateScenario(scenario), { code: 'MSB_PLAN_UNSUPPORTED' })
        return
      }
      const { queries } = await evaluateScenario(scenario)
      // Records are decoded outside the engine: only what the queries make of them is compared.
      assert.deepEqual(
        compareWithExpected({ queries, streams: {} }, { ...scenario.expected, streams: {}, recordCounts: {} }),
        [],
      )
    })
  }
})
