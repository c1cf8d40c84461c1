import { delay } from '#foundation/time/timers.ts'
import type { AppPlan } from '#language/plan/plan.ts'
import type { AppConnectors } from './app-connectors.ts'
import type { ConnectorFacts } from './connector-watch.ts'

/** Before it is tried again to bring an app's connectors to their configuration. */
const PAUSE_MS = 5000

/** The connectors of all apps of a platform: in place from the deployment of an app on, or as soon as Connect answers after a start. */
export class ServedApps {
  readonly #newConnectors: (plan: AppPlan) => AppConnectors
  readonly #apps = new Map<string, AppConnectors>()
  readonly #closing = new AbortController()
  readonly #starting: Promise<void>[] = []

  constructor(newConnectors: (plan: AppPlan) => AppConnectors) {
    this.#newConnectors = newConnectors
  }

  /** @throws MSB_SINK_UNREACHABLE, MSB_SINK_REFUSED, MSB_SINK_OWNED; what was there before is watched on then */
  async deploy(plan: AppPlan): Promise<void> {
    const connectors = this.#newConnectors(plan)
    await connectors.deploy()
    await this.#apps.get(plan.name)?.close()
    this.#apps.set(plan.name, connectors)
  }

  /** Of an app that was deployed before. Does not wait: the app runs meanwhile, and its rows wait on their topics. */
  start(plan: AppPlan): void {
    this.#starting.push(this.#start(plan))
  }

  facts(app: string): readonly ConnectorFacts[] {
    return this.#apps.get(app)?.facts ?? []
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.all(this.#starting)
    for (const connectors of this.#apps.values()) await connectors.close()
  }

  async #start(plan: AppPlan): Promise<void> {
    const { signal } = this.#closing
    const connectors = this.#newConnectors(plan)
    await this.#apps.get(plan.name)?.close()
    this.#apps.set(plan.name, connectors)
    for (;;) {
      try {
        return await connectors.deploy()
      } catch {
        // What is wrong is found out by looking, too, and then stands in the facts.
      }
      await connectors.look()
      await delay(PAUSE_MS, signal)
      if (signal.aborted || this.#apps.get(plan.name) !== connectors) return
    }
  }
}
