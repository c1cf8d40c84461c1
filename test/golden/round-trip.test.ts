import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { duckdbCapabilities } from '#dataplane/engines/duckdb/capabilities.ts'
import { embeddedCapabilities } from '#dataplane/engines/embedded/capabilities.ts'
import { explain } from '#language/plan/explain.ts'
import { fingerprint } from '#language/plan/fingerprint.ts'
import type { AppPlan } from '#language/plan/plan.ts'
import { planFromJson, planToJson } from '#language/plan/plan-json.ts'
import { arbitraryPlan } from './arbitrary-plan.ts'
import { examplePlans, scenarioPlans } from './golden-files.ts'

const RUNS = 200
const SEED = 20240413

const fingerprints = ({ queries, timeZone }: AppPlan): readonly string[] =>
  queries.map((query) => fingerprint(query, timeZone))

function roundTrips(plan: AppPlan): void {
  const read = planFromJson(planToJson(plan))
  assert.deepEqual(read, plan)
  assert.deepEqual(fingerprints(read), fingerprints(plan))
}

describe('a plan survives JSON, fingerprint and all', async () => {
  for (const { name, plan } of [...(await examplePlans()), ...(await scenarioPlans())]) it(name, () => roundTrips(plan))

  it('whatever it is made of', () => {
    fc.assert(fc.property(arbitraryPlan, roundTrips), { numRuns: RUNS, seed: SEED })
  })
})

describe('random plans', () => {
  it('can be explained', () => {
    const explains = (plan: AppPlan): boolean =>
      explain(plan, [embeddedCapabilities, duckdbCapabilities]).startsWith('app random')
    fc.assert(fc.property(arbitraryPlan, explains), { numRuns: RUNS, seed: SEED })
  })

  it('use every kind of node, window and mode, and most functions', () => {
    const texts = fc
      .sample(arbitraryPlan, { numRuns: RUNS, seed: SEED })
      .map((plan) => planToJson(plan))
      .join('\n')
    const used = (pattern: RegExp): number => new Set([...texts.matchAll(pattern)].map(([, name]) => name)).size
    assert.equal(used(/"kind":"(Source|Filter|Project|Deduplicate|WindowAggregate|Output)"/g), 6)
    assert.equal(used(/"window":\{"kind":"(\w+)"/g), 4)
    assert.equal(used(/"mode":"(\w+)"/g), 3)
    assert.ok(used(/"kind":"Call","function":"(\w+)"/g) >= 34)
  })
})
