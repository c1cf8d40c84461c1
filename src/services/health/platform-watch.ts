import { statfs } from 'node:fs/promises'
import { every, within } from '#foundation/time/timers.ts'
import type { LivePlatform } from '../live/live-platform.ts'
import { AppWatch } from './app-watch.ts'
import type { DiskFacts, PlatformFacts } from './facts.ts'
import { HealthHistory, type HealthReport } from './health-report.ts'
import { defaultThresholds, type HealthThresholds } from './thresholds.ts'

/** How often it looks by itself, so that facts know the last minute and findings since when they hold, ms. */
const LOOK_MS = 1000
/** How long it waits for threads and the disk before it goes by what they last said, ms: whoever asks wants an answer at once. */
const DEADLINE_MS = 50

/** Watches a platform: collects facts about it, and examines them. Works while threads hang. */
export class PlatformWatch {
  readonly #platform: LivePlatform
  readonly #thresholds: HealthThresholds
  readonly #history = new HealthHistory()
  readonly #stop: () => void
  #apps = new Map<string, AppWatch>()
  #disk: DiskFacts

  constructor(platform: LivePlatform, thresholds: Partial<HealthThresholds> = {}) {
    this.#platform = platform
    this.#thresholds = { ...defaultThresholds, ...thresholds }
    this.#disk = { dataFolder: platform.dataFolder, freeBytes: Number.POSITIVE_INFINITY, totalBytes: 0 }
    // What keeps it from looking is told to whoever asks; it must not end the process, in which all tenants are.
    this.#stop = every(LOOK_MS, () => void this.look().catch(() => {}))
  }

  close(): void {
    this.#stop()
  }

  /** Facts as of now, and what is wrong by them. */
  async look(): Promise<{ readonly facts: PlatformFacts; readonly health: HealthReport }> {
    const facts = await this.#facts()
    return { facts, health: this.#history.examine(facts) }
  }

  async #facts(): Promise<PlatformFacts> {
    const { clock } = this.#platform.context
    this.#followApps()
    const [apps] = await Promise.all([
      Promise.all([...this.#apps.values()].map((app) => app.facts(this.#thresholds, DEADLINE_MS))),
      within(this.#measureDisk(), DEADLINE_MS),
    ])
    const { broken } = this.#platform
    return { nowMs: clock.nowMs(), thresholds: this.#thresholds, disk: this.#disk, broken, apps }
  }

  /** What is known of an app that is there no more is forgotten. */
  #followApps(): void {
    const { context } = this.#platform
    const watches = [...this.#platform.apps].map(([name, live]) => {
      const known = this.#apps.get(name)
      return [
        name,
        known?.live === live ? known : new AppWatch(live, context, () => this.#platform.connectorFacts(name)),
      ] as const
    })
    this.#apps = new Map(watches)
  }

  async #measureDisk(): Promise<void> {
    const { dataFolder } = this.#platform
    try {
      const { bavail, blocks, bsize } = await statfs(dataFolder)
      this.#disk = { dataFolder, freeBytes: bavail * bsize, totalBytes: blocks * bsize }
    } catch {
      // What cannot be measured stays as it last was; what needs the disk says what is wrong with it.
    }
  }
}
