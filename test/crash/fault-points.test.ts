import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type FaultPoint, faultPoints } from '#foundation/faults/fault-points.ts'
import { runThroughCrashes } from '../support/crashing-run.ts'
import { compareWithExpected } from '../support/expected-results.ts'
import { loadScenario, type Scenario, scenarioNames } from '../support/scenario.ts'
import { withScratchFolder } from '../support/scratch-folder.ts'

/** Points of `mysimbdp run`, which scenarios do not go through: `bounded-run.test.ts` hits them. */
const POINTS_OF_RUNS: readonly FaultPoint[] = ['run.input-read', 'run.finished']
/** Points of what only a live platform does to its log: `retention.test.ts` hits them, here and beside the local log. */
const POINTS_OF_RETENTION: readonly FaultPoint[] = ['log.segment-retired', 'log.segment-deleted']
/** Scenarios repair nothing: `replayed-records.test.ts` of the local log hits them. */
const isOfPlacing = (point: FaultPoint): boolean => point.startsWith('placing.')
/** Scenarios run on local files: `replicated-job-store.test.ts` hits some of them, and the cluster's tests do with real servers (`kafka-under-fire.test.ts`). */
const isOfKafka = (point: FaultPoint): boolean =>
  point.startsWith('job.changelog-') || point.startsWith('ingest.transaction-')
const hitPoints = new Set<FaultPoint>()

/** Crashes at the k-th fault point that is passed; answers whether there was one. */
async function crashAt(scenario: Scenario, k: number): Promise<boolean> {
  let passed = 0
  const { results, crashes } = await withScratchFolder((folder) =>
    runThroughCrashes(scenario, folder, () => ++passed === k),
  )
  for (const point of crashes) hitPoints.add(point)
  const place = `${scenario.name}: ${crashes.join(', ')} (fault ${k})`
  // A restart decodes some records again, so this counter is not exact.
  for (const stream of Object.values(results.streams)) delete (stream as { ambiguousTimes?: number }).ambiguousTimes
  assert.deepEqual(compareWithExpected(results, scenario.expected), [], place)
  return crashes.length > 0
}

describe('crash at every fault point of every scenario', () => {
  for (const name of scenarioNames()) {
    it(name, async () => {
      const scenario = await loadScenario(name)
      if (scenario.gaps.embedded !== undefined || scenario.expected.failure !== null) return
      let k = 1
      while (await crashAt(scenario, k)) k++
    })
  }

  it('hits each fault point', () => {
    const elsewhere = [...POINTS_OF_RUNS, ...POINTS_OF_RETENTION]
    const missed = faultPoints.filter(
      (point) => !hitPoints.has(point) && !elsewhere.includes(point) && !isOfPlacing(point) && !isOfKafka(point),
    )
    assert.deepEqual(missed, [])
  })
})
