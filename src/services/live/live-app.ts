import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { StreamReader } from '#dataplane/brokers/broker.ts'
import type { JobStatus } from '#dataplane/engines/engine.ts'
import type { ResultReader } from '#dataplane/sinks/sink.ts'
import type { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { Clock } from '#foundation/time/clock.ts'
import { sourceOf } from '#language/plan/plan.ts'
import type { App } from '#language/query/app.ts'
import { streamsOf } from '../runs/bounded-run.ts'
import { type Platform, topicOf } from '../runs/platform.ts'
import { type AppFolder, type Deployment, NOTHING_PENDING } from './app-folder.ts'
import type { IngestFigures } from './ingest-counters.ts'
import { IngestRequest, type IngestRequestSpec } from './ingest-request.ts'
import type { AppendedEvent, IngestMethods, IngestTotals, StreamStats } from './ingest-thread.ts'
import type { JobFigures } from './job-counters.ts'
import type { CommittedEvent, JobMethods } from './job-thread.ts'
import { LiveResults } from './live-results.ts'
import { SupervisedThread, type ThreadState } from './supervised-thread.ts'
import { type UploadReport, upload } from './upload.ts'

/** What a thread of an app is given. */
export interface ThreadData {
  readonly role: 'ingest' | 'job'
  readonly folder: string
}

/** What the apps of a platform have in common. */
export interface LiveAppContext {
  readonly platform: Platform
  readonly clock: Clock
  /** Entry file of the threads. */
  readonly entry: URL
}

/** How a thread of an app is. */
export interface ThreadReport {
  readonly state: ThreadState
  readonly error: MysimbdpError | null
  readonly restarts: number
  /** Of all failures so far, also when it runs again. */
  readonly lastError: MysimbdpError | null
}

export interface JobReport extends ThreadReport {
  readonly status: JobStatus
  /** Queries that are being computed anew from the log; until they have caught up their results are not whole. */
  readonly rebuilding: readonly string[]
}

/**
 * One tenant's app, running: a thread that writes its logs, a thread that runs its job, and here the hand-over between them and whoever
 * asks. Each is started again by itself when that can help; ingest goes on while the job does not run.
 */
export class LiveApp {
  readonly results: LiveResults
  readonly #context: LiveAppContext
  readonly #folder: AppFolder
  readonly #ingest: SupervisedThread<IngestMethods, AppendedEvent>
  readonly #job: SupervisedThread<JobMethods, CommittedEvent>
  #deployment: Deployment
  #jobStatus: JobStatus = { queries: [] }
  /** Queries being rebuilt, and the offsets of their streams' logs that they have to reach. */
  #rebuilding = new Map<string, number>()

  constructor(folder: AppFolder, deployment: Deployment, context: LiveAppContext) {
    this.#folder = folder
    this.#deployment = deployment
    this.#context = context
    this.results = new LiveResults()
    const { entry, clock } = context
    const name = deployment.app.plan.name
    this.#ingest = new SupervisedThread({
      name: `ingest of app '${name}'`,
      entry,
      clock,
      data: (): ThreadData => ({ role: 'ingest', folder: folder.path }),
      onEvent: () => this.#wakeJob(),
      onChange: () => this.#onIngestChange(),
    })
    this.#job = new SupervisedThread({
      name: `the job of app '${name}'`,
      entry,
      clock,
      data: (): ThreadData => ({ role: 'job', folder: folder.path }),
      onEvent: (event) => this.#onCommitted(event),
      onChange: () => this.#onJobChange(),
    })
  }

  get app(): App {
    return this.#deployment.app
  }

  get deployment(): Deployment {
    return this.#deployment
  }

  get ingest(): ThreadReport {
    return reportOf(this.#ingest)
  }

  get job(): JobReport {
    return { ...reportOf(this.#job), status: this.#jobStatus, rebuilding: [...this.#rebuilding.keys()] }
  }

  /** Resolves when both threads run, or have failed for the first time. */
  async start(): Promise<void> {
    if (this.#ingest.state === 'stopped') this.#removeUploads()
    await this.#ingest.start()
    // The job reads what the ingest thread has opened.
    if (this.#ingest.state === 'running' && this.#deployment.wanted === 'running') await this.#job.start()
  }

  async stop(): Promise<void> {
    this.results.end()
    await this.#job.stop()
    await this.#ingest.stop()
  }

  /** Lets the job run from where it stopped, now and after a restart of the platform. */
  async startJob(): Promise<void> {
    this.#deploy({ ...this.#deployment, wanted: 'running' })
    if (this.#ingest.state === 'running') await this.#job.start()
  }

  /** Stops the job until `startJob`, also over restarts of the platform. Ingest goes on. */
  async stopJob(): Promise<void> {
    this.#deploy({ ...this.#deployment, wanted: 'stopped' })
    await this.#job.stop()
  }

  /** Computes queries anew from the log; they begin without results. Survives a crash at any point. */
  async rebuildJob(queries: readonly string[]): Promise<void> {
    const rebuild = [...new Set([...this.#deployment.pending.rebuild, ...queries])]
    this.#deploy({ ...this.#deployment, wanted: 'running', pending: { ...this.#deployment.pending, rebuild } })
    await this.#job.stop()
    await this.startJob()
  }

  /** Puts another version of the app in the place of this one. Ingest goes on where the streams are the same. */
  async replace(deployment: Deployment): Promise<void> {
    const ingestGoesOn = sameStreams(this.app, deployment.app)
    await this.#job.stop()
    if (!ingestGoesOn) await this.#ingest.stop()
    this.#deploy(deployment)
    await this.start()
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
  openRequest(spec: IngestRequestSpec): Promise<IngestRequest> {
    return IngestRequest.open(spec, this.#ingest)
  }

  /** Appends all pieces of one request. */
  async append(spec: IngestRequestSpec, pieces: AsyncIterable<Uint8Array>): Promise<IngestTotals> {
    const request = await this.openRequest(spec)
    try {
      for await (const bytes of pieces) await request.write(bytes)
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
    return upload({ live: this, platform: this.#context.platform, stream, folder: this.#uploads, bytes, again })
  }

  /** Counts of what was done with each stream; the answer comes when the thread is free. @throws MSB_NOT_RUNNING */
  async ingestFigures(): Promise<ReadonlyMap<string, IngestFigures>> {
    return this.#ingest.call('figures', undefined)
  }

  /** Counts of what the job did; the answer comes when the thread is free. @throws MSB_NOT_RUNNING */
  async jobFigures(): Promise<JobFigures> {
    return this.#job.call('figures', undefined)
  }

  /** What each stream received. */
  inputStats(): Promise<ReadonlyMap<string, StreamStats>> {
    return this.#ingest.call('inputStats', undefined)
  }

  openResults(): ResultReader {
    return this.#context.platform.openResults(this.#folder.path)
  }

  openLogs(): Promise<readonly StreamReader[]> {
    return this.#context.platform.openLogReaders(this.#folder.path)
  }

  /** Files that were being uploaded when the process was killed: their senders send them again. */
  #removeUploads(): void {
    rmSync(this.#uploads, { recursive: true, force: true })
  }

  get #uploads(): string {
    return join(this.#folder.path, 'uploads')
  }

  #deploy(deployment: Deployment): void {
    this.#folder.write(deployment)
    this.#deployment = deployment
  }

  #onIngestChange(): void {
    if (this.#ingest.state !== 'running' || this.#deployment.wanted !== 'running') return
    if (this.#job.state === 'running') this.#wakeJob()
    else if (this.#job.state === 'stopped') void this.#job.start()
  }

  #onJobChange(): void {
    if (this.#job.state === 'running') void this.#onJobBegun()
  }

  /** The job has begun, so what was pending is done. */
  async #onJobBegun(): Promise<void> {
    const { rebuild, keep } = this.#deployment.pending
    if (rebuild.length > 0 || keep.length > 0) {
      this.#deploy({ ...this.#deployment, pending: NOTHING_PENDING })
      await this.#followRebuild(rebuild)
    }
    this.#takeStatus(await this.#job.call('ready', undefined))
    this.#wakeJob()
  }

  async #followRebuild(queries: readonly string[]): Promise<void> {
    const readers = await this.openLogs()
    const ends = new Map<string, number>()
    for (const reader of readers) {
      ends.set(reader.spec.topic, (await reader.bounds(0)).end)
      await reader.close()
    }
    const { plan } = this.app
    const rebuilt = plan.queries.filter(({ name }) => queries.includes(name))
    this.#rebuilding = new Map(
      rebuilt.map(({ name, output }) => [name, ends.get(topicOf(plan, sourceOf(output).stream)) ?? 0]),
    )
  }

  #onCommitted({ commit, status }: CommittedEvent): void {
    this.#takeStatus(status)
    this.results.publish(commit)
  }

  #takeStatus(status: JobStatus): void {
    this.#jobStatus = status
    for (const { query, positions } of status.queries)
      if (positions[0]!.offset >= (this.#rebuilding.get(query) ?? 0)) this.#rebuilding.delete(query)
  }

  #wakeJob(): void {
    if (this.#job.state === 'running') void this.#job.call('wake', undefined).catch(() => {})
  }
}

const reportOf = ({ state, error, restarts, lastError }: ThreadReport): ThreadReport => ({
  state,
  error,
  restarts,
  lastError,
})

function sameStreams(one: App, other: App): boolean {
  const textOf = ({ plan, streams }: App): string =>
    JSON.stringify([
      [...streamsOf(plan).values()],
      Object.values(streams).map(({ sample: _code, ...extras }) => extras),
    ])
  return textOf(one) === textOf(other)
}
