import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createJsonDecoder } from '#dataplane/decoding/decoder.ts'
import { evaluateWithDuckDb } from '#dataplane/engines/duckdb/duckdb-engine.ts'
import { columnReader } from '#dataplane/records/column-reader.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { type SourceNode, streamsOf } from '#language/plan/plan.ts'
import type { Value } from '#language/schemas/field-types.ts'
import { compareWithExpected } from '../support/expected-results.ts'
import { loadScenario, type Scenario, type ScenarioStep, scenarioNames } from '../support/scenario.ts'

interface AcceptedRecord {
  readonly partition: number
  readonly offset: number
  readonly values: Record<string, Value>
}

/** The accepted records of a stream, as the product's decoder sees them, in the places the log would give them. */
function acceptedRecords(
  source: SourceNode,
  steps: readonly ScenarioStep[],
  guarded: boolean,
): readonly AcceptedRecord[] {
  const offsets = new Map<number, number>()
  const accepted: AcceptedRecord[] = []
  const decoder = createJsonDecoder(source)
  for (const { partition, arrival, bytes } of steps.flatMap(({ records }) => records)) {
    decoder.write(bytes)
    decoder.write(new Uint8Array([0x0a]))
    const decoded = decoder.take(1, { arrivalMs: arrival, maxFutureSkewMs: guarded ? source.maxFutureSkewMs : null })
    if (decoded === undefined) continue
    const offset = offsets.get(partition) ?? 0
    offsets.set(partition, offset + 1)
    if (decoded.batch.rows === 0) continue
    const values = source.schema.fields.map(
      ({ name, type }, i) => [name, columnReader(decoded.batch.columns[i]!, type)(0)] as const,
    )
    accepted.push({ partition, offset, values: Object.fromEntries(values) })
  }
  return accepted
}

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
