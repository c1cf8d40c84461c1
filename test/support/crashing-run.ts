import { armFaults, disarmFaults, type FaultPoint, SimulatedCrash } from '#foundation/faults/fault-points.ts'
import { type DriverOptions, EmbeddedDriver, type History } from './embedded-driver.ts'
import type { Actual } from './expected-results.ts'

export interface CrashingRun {
  readonly results: Actual
  /** Where it crashed, in order. */
  readonly crashes: readonly FaultPoint[]
}

/**
 * Runs a history in a folder to its end, through crashes: `crashNow` is asked at each fault point. After a crash every object is dropped
 * without finishing, and the same history is fed to what the folder holds.
 */
export async function runThroughCrashes(
  history: History,
  folder: string,
  crashNow: (point: FaultPoint) => boolean,
  options: DriverOptions = {},
): Promise<CrashingRun> {
  const crashes: FaultPoint[] = []
  armFaults((point) => {
    if (!crashNow(point)) return
    crashes.push(point)
    throw new SimulatedCrash(point)
  })
  try {
    for (;;) {
      const driver = EmbeddedDriver.open(history, folder, options)
      try {
        await driver.run()
        return { results: await driver.results(), crashes }
      } catch (error) {
        if (!(error instanceof SimulatedCrash)) throw error
      } finally {
        await driver.close()
      }
    }
  } finally {
    disarmFaults()
  }
}
