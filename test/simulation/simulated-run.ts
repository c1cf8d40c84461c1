import { sha256 } from '#foundation/hash/sha256.ts'
import { type AppPlan, nodesOf } from '#language/plan/plan.ts'
import { columnTypes, evaluate, type OracleResult } from '../oracle/oracle.ts'
import { runThroughCrashes } from '../support/crashing-run.ts'
import type { DriverOptions, History } from '../support/embedded-driver.ts'
import { compareWithExpected, type Expected } from '../support/expected-results.ts'
import { interleaved } from '../support/interleave.ts'
import { withScratchFolder } from '../support/scratch-folder.ts'
import { Seeded } from '../support/seeded.ts'
import { randomApp } from './random-app.ts'
import { randomSteps } from './random-history.ts'

const PARTITIONS_MAX = 3

export interface SimulatedRun {
  readonly seed: number
  readonly records: number
  readonly queries: number
  readonly late: number
  readonly rejected: number
  readonly crashes: number
  /** Empty when the product and the oracle agree. */
  readonly differences: readonly string[]
  /** Of the results: the same for the same seed. */
  readonly digest: string
}

/** One history made by a seed: an app, records, batch cuts, the order of partitions, segment sizes and crashes. */
export async function simulate(seed: number): Promise<SimulatedRun> {
  const random = new Seeded(seed)
  const { plan } = randomApp(random, { sessions: true, deduplication: true })
  const history: History = {
    plan,
    end: random.pick(['as-stream', 'bounded', 'open'] as const),
    inputs: { readings: randomSteps(random, remembersOrder(plan) ? 1 : PARTITIONS_MAX) },
  }
  const wanted = evaluate(history.plan, history.inputs, { end: history.end })
  const crashRate = random.pick([0, 0.002, 0.02])
  const { results, crashes } = await withScratchFolder((folder) =>
    runThroughCrashes(history, folder, () => random.chance(crashRate), randomOptions(random)),
  )
  // A restart decodes some records again, so this counter is not exact.
  for (const stream of Object.values(results.streams)) delete (stream as { ambiguousTimes?: number }).ambiguousTimes
  const late = Object.values(wanted.queries).reduce((sum, query) => sum + query.late, 0)
  return {
    seed,
    records: history.inputs.readings!.reduce((sum, step) => sum + step.records.length, 0),
    queries: history.plan.queries.length,
    late,
    rejected: Object.values(wanted.streams).reduce((sum, stream) => sum + stream.rejected, 0),
    crashes: crashes.length,
    differences: compareWithExpected(results, asExpected(wanted, history)),
    digest: sha256(JSON.stringify(results)).slice(0, 16),
  }
}

/** Sessions and deduplication go by the order in which partitions are read (semantics 3.7), and the product reads them as it likes. */
const remembersOrder = ({ queries }: AppPlan): boolean =>
  queries.some(({ output }) =>
    nodesOf(output).some(
      (node) => node.kind === 'Deduplicate' || (node.kind === 'WindowAggregate' && node.window.kind === 'session'),
    ),
  )

function randomOptions(random: Seeded): DriverOptions {
  const cuts = random.pick([1, 3, 1000])
  const stepRate = random.pick([0.1, 0.5, 1])
  return {
    cut: (remaining) => Math.min(remaining, random.between(1, cuts)),
    stepAfter: () => random.chance(stepRate),
    interleave: (arrivals) => interleaved(arrivals, random),
    segmentBytesMax: random.pick([1, 200_000, 256 * 1024 * 1024]),
    stateMemoryBytes: random.pick([0, 5000, 64 * 1024 * 1024]),
  }
}

function asExpected(wanted: OracleResult, { plan }: History): Expected {
  const queries = Object.entries(wanted.queries).map(([name, { rows, keys, lateRecords }]) => [
    name,
    { rows: rows.map((row, i) => ({ key: keys[i]!, row })), late: lateRecords },
  ])
  return {
    queries: Object.fromEntries(queries),
    streams: wanted.streams,
    failure: null,
    columnTypes: Object.fromEntries(plan.queries.map((query) => [query.name, columnTypes(query)])),
    recordCounts: {},
  } as Expected
}
