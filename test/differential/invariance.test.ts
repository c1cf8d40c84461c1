import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type DriverOptions, EmbeddedDriver } from '../support/embedded-driver.ts'
import { compareWithExpected } from '../support/expected-results.ts'
import { interleaved } from '../support/interleave.ts'
import { loadScenario, type Scenario, scenarioNames } from '../support/scenario.ts'
import { withScratchFolder } from '../support/scratch-folder.ts'
import { Seeded } from '../support/seeded.ts'

/** The law of semantics.md: neither batch cuts, nor the order partitions are read in, nor restarts change a result. */
const disturbances: Readonly<Record<string, (random: Seeded) => DriverOptions>> = {
  'every record a batch of its own': () => ({ cut: () => 1 }),
  'random batches, the job following at random': (random) => ({
    cut: (remaining) => random.between(1, remaining),
    stepAfter: () => random.chance(0.3),
  }),
  'no memory for state, random batches': (random) => ({
    stateMemoryBytes: 0,
    cut: (remaining) => random.between(1, remaining),
    stepAfter: () => random.chance(0.5),
  }),
  'memory for the state of some groups, each record a step': (random) => ({
    stateMemoryBytes: random.between(500, 4000),
    cut: () => 1,
  }),
  'the job reads only at the end, partitions interleaved': (random) => ({
    stepAfter: () => false,
    interleave: (arrivals) => interleaved(arrivals, random),
  }),
  'each record steps the job, partitions interleaved': (random) => ({
    cut: () => 1,
    interleave: (arrivals) => interleaved(arrivals, random),
  }),
}

async function assertAsExpected(scenario: Scenario, folder: string, options: DriverOptions): Promise<void> {
  const driver = EmbeddedDriver.open(scenario, folder, options)
  try {
    await driver.run()
    assert.deepEqual(compareWithExpected(await driver.results(), scenario.expected), [])
  } finally {
    await driver.close()
  }
}

const scenarios = (await Promise.all(scenarioNames().map(loadScenario))).filter(
  ({ gaps, expected }) => gaps.embedded === undefined && expected.failure === null,
)

for (const [what, optionsOf] of Object.entries(disturbances)) {
  it(`no result changes with ${what}`, async () => {
    for (const [seed, scenario] of scenarios.entries())
      await withScratchFolder((folder) => assertAsExpected(scenario, folder, optionsOf(new Seeded(seed))))
  })
}

describe('restarts', () => {
  it('no result changes when the whole history is fed again after a restart', async () => {
    for (const scenario of scenarios) {
      await withScratchFolder(async (folder) => {
        for (let run = 0; run < 2; run++) await assertAsExpected(scenario, folder, {})
      })
    }
  })
})
