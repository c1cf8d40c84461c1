import { join } from 'node:path'
import type { StreamReader } from '#dataplane/brokers/broker.ts'
import type { ResultReader, RowReader } from '#dataplane/sinks/sink.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { OneAtATime } from '#foundation/threads/one-at-a-time.ts'
import type { App } from '#language/query/app.ts'
import type { ReplayReport, ReplayRequest } from '../dead-letters/dead-letter-replay.ts'
import { EMBEDDED_CONFIG } from '../runs/platform-config.ts'
import { ActiveRole } from './active-role.ts'
import type { AppFolder, Deployment } from './app-folder.ts'
import { sameStreams } from './deployment-report.ts'
import type { IngestFigures } from './ingest-counters.ts'
import { IngestRequest, type IngestRequestSpec } from './ingest-request.ts'
import type { AppendedEvent, IngestMethods, StreamStats } from './ingest-thread.ts'
import type { JobFigures } from './job-counters.ts'
import { KeptDeployment } from './kept-deployment.ts'
import type { LiveAppContext, ThreadData } from './live-app-context.ts'
import { LiveJob } from './live-job.ts'
import { LiveResults } from './live-results.ts'
import { MessageBuffers } from './message-buffers.ts'
import type { IngestTotals } from './received-requests.ts'
import { SupervisedThread } from './supervised-thread.ts'
import { inStandby, type JobReport, type ThreadReport, threadReportOf } from './thread-report.ts'
import { type UploadReport, Uploads } from './uploads.ts'

/**
 * One tenant's app, running: a thread that writes its logs, a thread that runs its job, and here the hand-over between them and whoever
 * asks. Each is started again by itself when that can help; ingest goes on while the job does not run.
 */
export class LiveApp {
  readonly results: LiveResults
  readonly role: ActiveRole
  readonly #context: LiveAppContext
  readonly #folder: AppFolder
  readonly #uploads: Uploads
  readonly #ingest: SupervisedThread<IngestMethods, AppendedEvent>
  readonly #job: LiveJob
  readonly #buffers = new MessageBuffers()
  /** What changes which threads run: each command finds what the one before has left. */
  readonly #commands = new OneAtATime()
  readonly #deployment: KeptDeployment

  constructor(folder: AppFolder, deployment: Deployment, context: LiveAppContext) {
    this.#folder = folder
    this.#uploads = new Uploads(join(folder.path, 'uploads'), context.platform)
    this.#deployment = new KeptDeployment(folder, deployment, context.platform.deployments)
    this.#context = context
    this.results = new LiveResults()
    const { entry, clock, heapMegabytes, logBytesMax = null, config = EMBEDDED_CONFIG } = context
    const { name } = deployment.app.plan
    const thread = (what: string, role: ThreadData['role']) => ({
      name: `${what} of app '${name}'`,
      entry,
      clock,
      heapMegabytes,
      data: (): ThreadData => ({ role, folder: folder.path, logBytesMax, config }),
    })
    this.role = new ActiveRole({
      app: name,
      standFor: context.platform.standFor,
      catchUp: () => this.#deployment.catchUp(context.onTakenOver),
      onChange: () => void this.#commands.run(() => this.#followRole()),
    })
    this.#ingest = new SupervisedThread({
      ...thread('ingest', 'ingest'),
      onEvent: (_: AppendedEvent) => this.#job.wake(),
      onChange: () => this.#onIngestChange(),
    })
    this.#job = new LiveJob({
      thread: thread('the job', 'job'),
      ingest: this.#ingest,
      deployment: this.#deployment,
      results: this.results,
      openLogs: () => this.openLogs(),
    })
  }

  get app(): App {
    return this.#deployment.current.app
  }

  get deployment(): Deployment {
    return this.#deployment.current
  }

  get ingest(): ThreadReport {
    return this.#asInRole(threadReportOf(this.#ingest))
  }

  #asInRole<Report extends ThreadReport | JobReport>(report: Report): Report {
    return this.role.isActive || report.state !== 'stopped' ? report : inStandby(report, this.role.error)
  }

  get job(): JobReport {
    return this.#asInRole(this.#job.report)
  }

  /** Starts the threads for the first time. Resolves when both run, or have failed for the first time. */
  start(): Promise<void> {
    return this.#commands.run(async () => {
      this.#uploads.removeLeftovers()
      await this.role.start()
      await this.#startThreads()
    })
  }

  stop(): Promise<void> {
    this.results.end()
    return this.#commands.run(async () => {
      await this.#job.stop()
      await this.#ingest.stop()
      await this.role.close()
    })
  }

  /** Lets the job run from where it stopped, now and after a restart of the platform; an ingest that has failed is tried again. */
  startJob(): Promise<void> {
    return this.#commands.run(async () => {
      this.role.requireActive()
      await this.#deployment.change({ wanted: 'running' })
      await this.#startThreads()
    })
  }

  /** Stops the job until `startJob`, also over restarts of the platform. Ingest goes on. */
  stopJob(): Promise<void> {
    return this.#commands.run(async () => {
      this.role.requireActive()
      await this.#deployment.change({ wanted: 'stopped' })
      await this.#job.stop()
    })
  }

  /**
   * Computes queries anew from the log; they begin without results. Survives a crash at any point. Where the state is damaged it is that of
   * all queries, so all of them are.
   */
  rebuildJob(queries: readonly string[]): Promise<void> {
    return this.#commands.run(async () => {
      this.role.requireActive()
      const isDamaged = this.job.error?.code === 'MSB_STATE_DAMAGED'
      await this.#job.stop()
      const { pending } = this.deployment
      const rebuilt = isDamaged ? this.app.plan.queries.map(({ name }) => name) : queries
      const rebuild = [...new Set([...pending.rebuild, ...rebuilt])]
      await this.#startAs({ wanted: 'running', pending: { ...pending, rebuild } }, () => {
        if (isDamaged) this.#context.platform.discardState(this.#folder.path)
      })
    })
  }

  /** Puts another version of the app in the place of this one. Ingest goes on where the streams are the same. @throws MSB_STANDBY */
  replace(deployment: Deployment): Promise<void> {
    return this.#commands.run(async () => {
      this.role.requireActive()
      await this.#job.stop()
      if (!sameStreams(this.app, deployment.app)) await this.#ingest.stop()
      await this.#startAs(deployment)
    })
  }

  openProducer(stream: string, producerId: string): Promise<{ readonly epoch: number; readonly nextSequence: number }> {
    return this.#ingest.call('openProducer', { stream, producerId })
  }

  /** The producer as the log knows it, without taking over from it; null for one that was never opened. */
  knownProducer(
    stream: string,
    producerId: string,
  ): Promise<{ readonly epoch: number; readonly nextSequence: number } | null> {
    return this.#ingest.call('knownProducer', { stream, producerId })
  }

  /** Begins a request that brings records. */
  openRequest(spec: IngestRequestSpec): IngestRequest {
    return new IngestRequest(spec, this.#ingest, this.#buffers)
  }

  /** Appends all pieces of one request. */
  async append(spec: IngestRequestSpec, pieces: AsyncIterable<Uint8Array>): Promise<IngestTotals> {
    const request = this.openRequest(spec)
    try {
      // A piece of a source is valid until the next one is asked for.
      for await (const bytes of pieces) await request.write(Uint8Array.from(bytes))
      return await request.end()
    } catch (error) {
      await request.abort()
      throw error
    }
  }

  /** Where its files lie. */
  get folder(): string {
    return this.#folder.path
  }

  /** Takes a whole file, as a producer whose id is its content. */
  upload(
    stream: string,
    bytes: AsyncIterable<Uint8Array>,
    { again }: { readonly again: boolean },
  ): Promise<UploadReport> {
    return this.#uploads.take({ live: this, stream, bytes, again })
  }

  /**
   * Brings dead letters back (semantics 1.9). After placing them the queries of the stream are computed anew; the answer comes when
   * they have begun. Where it fails in the middle, what was placed before counts all the same.
   */
  async replayDeadLetters(stream: string, request: ReplayRequest): Promise<ReplayReport> {
    let report: ReplayReport
    try {
      report = await this.#ingest.call('replayDeadLetters', { stream, request })
    } catch (error) {
      if (request.rebuild && !request.dryRun && mayHavePlaced(error)) await this.#reopen()
      throw error
    }
    if (!request.dryRun && report.rebuilt.length > 0) await this.rebuildJob(report.rebuilt)
    return report
  }

  /** Counts of what was done with each stream; the answer comes when the thread is free. @throws MSB_NOT_RUNNING */
  async ingestFigures(): Promise<ReadonlyMap<string, IngestFigures>> {
    return this.#ingest.call('figures', undefined)
  }

  /** Counts of what the job did; the answer comes when the thread is free. @throws MSB_NOT_RUNNING */
  async jobFigures(): Promise<JobFigures> {
    return this.#job.figures()
  }

  /** What each stream received. */
  inputStats(): Promise<ReadonlyMap<string, StreamStats>> {
    return this.#ingest.call('inputStats', undefined)
  }

  openResults(): ResultReader {
    return this.#context.platform.openResults(this.#folder.path)
  }

  /** Where listings of results come from: the serving store, or the job's own file. */
  openServedResults(): RowReader {
    return this.#context.platform.serving?.openResults(this.app.plan) ?? this.openResults()
  }

  openLogs(): Promise<readonly StreamReader[]> {
    return this.#context.platform.openLogReaders(this.#folder.path)
  }

  /** The threads run again in any case: as before when what is new cannot be written. */
  async #startAs(change: Partial<Deployment>, prepare: () => void = () => {}): Promise<void> {
    try {
      await this.#deployment.change(change)
      prepare()
    } finally {
      await this.#startThreads()
    }
  }

  /** The log finishes a placing that was cut off when it is opened, and the job sees when it is that it has to compute anew. */
  #reopen(): Promise<void> {
    return this.#commands.run(async () => {
      await this.#job.stop()
      await this.#ingest.stop()
      await this.#startThreads()
    })
  }

  /** Another instance may have taken the app over, or given it up. */
  async #followRole(): Promise<void> {
    if (this.role.isActive) {
      // Ingest was fenced with the job, when another instance had the app for a while; it may not have noticed yet.
      if (this.#job.report.error?.code === 'MSB_KAFKA_FENCED') await this.#ingest.stop()
      return this.#startThreads()
    }
    await this.#job.stop()
    await this.#ingest.stop()
  }

  async #startThreads(): Promise<void> {
    if (!this.role.isActive) return
    await this.#ingest.start()
    // The job reads what the ingest thread has opened.
    if (this.#ingest.state === 'running' && this.deployment.wanted === 'running') await this.#job.start()
  }

  #onIngestChange(): void {
    if (this.#ingest.state === 'starting') this.#buffers.forgetReceiver()
    if (this.#ingest.state !== 'running') return
    this.#job.wake()
    // Ingest that could not run at first kept the job from being started.
    void this.#commands.run(async () => {
      if (this.#ingest.state === 'running' && this.job.state === 'stopped') await this.#startThreads()
    })
  }
}

/** A request that is refused changes nothing; neither does one that ingest was not there to take, and who stops ingest opens it again. */
const mayHavePlaced = (error: unknown): boolean =>
  !(error instanceof MysimbdpError && (error.domain === 'user' || error.code === 'MSB_NOT_RUNNING'))
