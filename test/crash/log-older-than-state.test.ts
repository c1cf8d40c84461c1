import assert from 'node:assert/strict'
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { EmbeddedDriver, type History } from '../support/embedded-driver.ts'
import { loadScenario } from '../support/scenario.ts'
import { withScratchFolder } from '../support/scratch-folder.ts'

/**
 * Images that kill -9 cannot make: a disk that lost the end of the log but kept the state, or a log restored from a backup. State that has
 * seen what the log does not hold must not go on in silence.
 */
async function open(history: History, folder: string, rebuild?: 'all') {
  const driver = EmbeddedDriver.open(history, folder, rebuild === undefined ? {} : { rebuild })
  try {
    await driver.run()
    return await driver.results()
  } finally {
    await driver.close()
  }
}

const shortened = (history: History, steps: number): History => ({
  ...history,
  end: 'open',
  inputs: Object.fromEntries(Object.entries(history.inputs).map(([stream, all]) => [stream, all.slice(0, steps)])),
})

/** A folder whose log ends after one step, and whose state has seen all of them. */
async function withOlderLog(work: (folder: string, history: History) => Promise<void>): Promise<void> {
  const scenario = await loadScenario('sliding-late-for-one-window-open-for-another')
  const whole: History = { ...scenario, end: 'open' }
  await withScratchFolder(async (folder) => {
    await open(shortened(whole, 1), folder)
    cpSync(join(folder, 'log'), join(folder, 'backup'), { recursive: true })
    await open(whole, folder)
    rmSync(join(folder, 'log'), { recursive: true })
    cpSync(join(folder, 'backup'), join(folder, 'log'), { recursive: true })
    await work(folder, whole)
  })
}

describe('a log older than the state', () => {
  it('is refused with a sentence that says what to do', () =>
    withOlderLog(async (folder, whole) => {
      await assert.rejects(open(shortened(whole, 1), folder), {
        code: 'MSB_STATE_AHEAD_OF_LOG',
        message: /state of query 'q' does not belong to this log/,
      })
    }))

  it('is refused too after it has grown past the offset that the state had seen', () =>
    withOlderLog(async (folder, whole) => {
      await assert.rejects(open(whole, folder), { code: 'MSB_STATE_AHEAD_OF_LOG' })
      await assert.rejects(open(whole, folder), { code: 'MSB_STATE_AHEAD_OF_LOG' })
    }))

  it('gives the results of what it holds after a rebuild', () =>
    withOlderLog(async (folder, whole) => {
      const rebuilt = await open(shortened(whole, 1), folder, 'all')
      const fresh = await withScratchFolder((other) => open(shortened(whole, 1), other))
      assert.deepEqual(rebuilt.queries, fresh.queries)
    }))
})
