import { every } from '#foundation/time/timers.ts'
import type { IngestMethods } from './ingest-thread.ts'
import type { JobMethods } from './job-thread.ts'
import type { SupervisedThread } from './supervised-thread.ts'

const PASS_ON_MS = 5000

/** Tells the thread that writes the logs up to where the job still needs them, so that retention stops there. */
export class LogNeeds {
  readonly #job: SupervisedThread<JobMethods, never>
  readonly #ingest: SupervisedThread<IngestMethods, never>
  #stop: () => void = () => {}

  constructor(job: SupervisedThread<JobMethods, never>, ingest: SupervisedThread<IngestMethods, never>) {
    this.#job = job
    this.#ingest = ingest
  }

  /** From now on, until `stop`. */
  start(): void {
    this.#stop()
    this.#stop = every(PASS_ON_MS, () => void this.passOn())
  }

  stop(): void {
    this.#stop()
  }

  /** The job begins: it may read from the start of the logs, so nothing may go until it has said what it needs. */
  async hold(): Promise<void> {
    if (this.#ingest.state === 'running') await this.#ingest.call('needLogs', null).catch(() => {})
  }

  /** A thread that ends meanwhile says so itself; the next time is soon. */
  async passOn(): Promise<void> {
    if (this.#job.state !== 'running' || this.#ingest.state !== 'running') return
    try {
      const positions = await this.#job.call('checkpoint', undefined)
      if (positions.length > 0) await this.#ingest.call('needLogs', positions)
    } catch {}
  }
}
