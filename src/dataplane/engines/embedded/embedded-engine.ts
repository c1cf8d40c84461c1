import { requireSupport } from '#language/plan/unsupported-parts.ts'
import type { Engine, Job, JobSpec } from '../engine.ts'
import { embeddedCapabilities } from './capabilities.ts'
import { EmbeddedJob } from './runtime/embedded-job.ts'
import type { JobStore } from './state/job-store.ts'

/** Runs an app in this process. Each call of `openStore` opens the same place again: a job owns it until it closes. */
export class EmbeddedEngine implements Engine {
  readonly capabilities = embeddedCapabilities
  readonly #openStore: () => JobStore

  constructor(openStore: () => JobStore) {
    this.#openStore = openStore
  }

  async openJob(spec: JobSpec): Promise<Job> {
    requireSupport(spec.plan, this.capabilities)
    const store = this.#openStore()
    try {
      return await EmbeddedJob.open(spec, store)
    } catch (error) {
      store.close()
      throw error
    }
  }
}
