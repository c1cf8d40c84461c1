import type { StreamReader } from '#dataplane/brokers/broker.ts'
import type { JobStatus } from '#dataplane/engines/engine.ts'
import type { IngestMethods } from './ingest-thread.ts'
import type { JobFigures } from './job-counters.ts'
import type { CommittedEvent, JobMethods } from './job-thread.ts'
import type { KeptDeployment } from './kept-deployment.ts'
import type { LiveResults } from './live-results.ts'
import { LogNeeds } from './log-needs.ts'
import { RebuildProgress } from './rebuild-progress.ts'
import { SupervisedThread, type SupervisedThreadSpec } from './supervised-thread.ts'
import { type JobReport, jobReportOf } from './thread-report.ts'

/** What the job of an app works with. */
export interface LiveJobSpec {
  readonly thread: Omit<SupervisedThreadSpec<CommittedEvent>, 'onEvent' | 'onChange'>
  readonly ingest: SupervisedThread<IngestMethods, never>
  readonly deployment: KeptDeployment
  readonly results: LiveResults
  openLogs(): Promise<readonly StreamReader[]>
}

/** The job of one app: its thread, what it has told of itself, and what is passed on of it. */
export class LiveJob {
  readonly #spec: LiveJobSpec
  readonly #thread: SupervisedThread<JobMethods, CommittedEvent>
  readonly #logNeeds: LogNeeds
  readonly #rebuild = new RebuildProgress()
  #status: JobStatus = { queries: [] }

  constructor(spec: LiveJobSpec) {
    this.#spec = spec
    this.#thread = new SupervisedThread({
      ...spec.thread,
      onEvent: (event: CommittedEvent) => this.#onCommitted(event),
      onChange: () => this.#onChange(),
    })
    this.#logNeeds = new LogNeeds(this.#thread, spec.ingest)
  }

  get report(): JobReport {
    return jobReportOf(this.#thread, this.#status, this.#rebuild.queries)
  }

  /** Counts of what it did. @throws MSB_NOT_RUNNING */
  figures(): Promise<JobFigures> {
    return this.#thread.call('figures', undefined)
  }

  /** Resolves when it runs, or has failed for the first time. */
  start(): Promise<void> {
    return this.#thread.start()
  }

  stop(): Promise<void> {
    this.#logNeeds.stop()
    return this.#thread.stop()
  }

  /** There may be something to read. */
  wake(): void {
    if (this.#thread.state === 'running') void this.#thread.call('wake', undefined).catch(() => {})
  }

  #onChange(): void {
    if (this.#thread.state === 'starting') void this.#logNeeds.hold()
    if (this.#thread.state === 'running') void this.#onBegun()
  }

  async #onBegun(): Promise<void> {
    const { deployment, openLogs } = this.#spec
    const { app, pending } = deployment.current
    void deployment.settle()
    try {
      if (pending.rebuild.length > 0) await this.#rebuild.begin(pending.rebuild, app.plan, await openLogs())
      this.#takeStatus(await this.#thread.call('ready', undefined))
    } catch {
      // It was stopped or has failed in the meantime; its next start brings us here again.
      return
    }
    this.wake()
    this.#logNeeds.start()
    await this.#logNeeds.passOn()
  }

  #onCommitted({ commit, status }: CommittedEvent): void {
    void this.#spec.deployment.settle()
    this.#takeStatus(status)
    this.#spec.results.publish(commit)
  }

  #takeStatus(status: JobStatus): void {
    this.#status = status
    this.#rebuild.follow(status)
  }
}
