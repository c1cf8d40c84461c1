import { type AppPlan, sourceOf } from '#language/plan/plan.ts'
import { requireSupport } from '#language/plan/unsupported-parts.ts'
import type { LoggedBatch } from '../../records/record-batch.ts'
import type { Engine, Job, JobSpec } from '../engine.ts'
import { embeddedCapabilities } from './capabilities.ts'
import { countLate } from './runtime/count-late.ts'
import { EmbeddedJob } from './runtime/embedded-job.ts'
import type { JobStore } from './state/job-store.ts'

/** Runs an app in this process. Each call of `openStore` opens the same place again: a job owns it until it closes. */
export class EmbeddedEngine implements Engine {
  readonly capabilities = embeddedCapabilities
  readonly #openStore: (spec: JobSpec) => JobStore | Promise<JobStore>

  constructor(openStore: (spec: JobSpec) => JobStore | Promise<JobStore>) {
    this.#openStore = openStore
  }

  async openJob(spec: JobSpec): Promise<Job> {
    requireSupport(spec.plan, this.capabilities)
    const store = await this.#openStore(spec)
    try {
      return await EmbeddedJob.open(spec, store)
    } catch (error) {
      await store.close()
      throw error
    }
  }

  lateRecords(plan: AppPlan, stream: string, batch: LoggedBatch): ReadonlyMap<string, number> {
    const queries = plan.queries.filter(({ output }) => sourceOf(output).stream === stream)
    return new Map(queries.map((query) => [query.name, countLate(query, plan.timeZone, batch)]))
  }
}
