import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { EmbeddedDriver } from '../support/embedded-driver.ts'
import { type Actual, compareWithExpected } from '../support/expected-results.ts'
import { loadScenario, type Scenario, scenarioNames } from '../support/scenario.ts'
import { withScratchFolder } from '../support/scratch-folder.ts'

const runEmbedded = (scenario: Scenario): Promise<Actual> =>
  withScratchFolder(async (folder) => {
    const driver = EmbeddedDriver.open(scenario, folder)
    try {
      await driver.run()
      return await driver.results()
    } finally {
      await driver.close()
    }
  })

describe('the embedded engine gives what the rules say', () => {
  for (const name of scenarioNames()) {
    it(name, async () => {
      const scenario = await loadScenario(name)
      const { failure } = scenario.expected
      if (scenario.gaps.embedded !== undefined)
        await assert.rejects(runEmbedded(scenario), { code: 'MSB_PLAN_UNSUPPORTED' })
      else if (failure !== null) {
        const { stream, partition, offset, code } = failure
        await assert.rejects(runEmbedded(scenario), {
          code: 'MSB_RECORD_REJECTED',
          where: { stream, partition, offset, reason: code },
        })
      } else assert.deepEqual(compareWithExpected(await runEmbedded(scenario), scenario.expected), [])
    })
  }
})
