import type { StreamReader } from '#dataplane/brokers/broker.ts'
import type { CommittedChanges, JobStatus } from '#dataplane/engines/engine.ts'
import type { ResultReader } from '#dataplane/sinks/sink.ts'
import type { SourceFormat } from '#dataplane/sources/source.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { Thread } from '#foundation/threads/thread.ts'
import type { Clock } from '#foundation/time/clock.ts'
import { delay } from '#foundation/time/timers.ts'
import type { App } from '#language/query/app.ts'
import type { ReplayReport, ReplayRequest } from '../dead-letters/dead-letter-replay.ts'
import type { Platform } from '../runs/platform.ts'
import { type AppHealth, healthOf } from './health.ts'
import type { AppendedEvent, IngestThread, IngestTotals, ProducerPosition } from './ingest-thread.ts'
import type { CommittedEvent } from './job-thread.ts'
import { LiveResults } from './live-results.ts'

/** What a thread of an app is given. */
export interface ThreadData {
  readonly role: 'ingest' | 'job'
  readonly appPath: string
  readonly folder: string
  /** Queries that the job computes anew from the start of the log. */
  readonly rebuild?: readonly string[]
}

type IngestMethods = IngestThread['methods'] & { close(argument: undefined): Promise<void> }
type JobMethods = {
  wake(argument: undefined): void
  status(argument: undefined): JobStatus
  close(argument: undefined): Promise<void>
}

export interface LiveAppSpec {
  readonly app: App
  readonly appPath: string
  readonly folder: string
  readonly platform: Platform
  readonly clock: Clock
  /** Entry file of the threads. */
  readonly entry: URL
}

export type JobState = 'starting' | 'running' | 'recovering' | 'failed' | 'stopped'

/** First pause before a failed job is started again; it doubles up to the second. */
const BACKOFF_MS = 500
const BACKOFF_MAX_MS = 30_000

/**
 * One tenant's app, running: a thread that writes its logs, a thread that runs its job, and here the hand-over between them and whoever
 * asks. A job that fails is started again when its error says that this can help; ingest goes on meanwhile.
 */
export class LiveApp {
  readonly app: App
  readonly results: LiveResults
  readonly #spec: LiveAppSpec
  #ingest: Thread<IngestMethods, AppendedEvent> | null = null
  #job: Thread<JobMethods, CommittedEvent> | null = null
  #jobState: JobState = 'starting'
  #jobError: Error | null = null
  #jobStatus: JobStatus = { queries: [] }
  #restarts = 0
  #stopping = false

  constructor(spec: LiveAppSpec) {
    this.#spec = spec
    this.app = spec.app
    this.results = new LiveResults(spec.clock.nowMs())
  }

  async start(): Promise<void> {
    this.#ingest = new Thread(this.#spec.entry, this.#threadData('ingest'), {
      onEvent: () => this.#wakeJob(),
      onEnd: (error) => {
        this.#ingest = null
        if (error !== null) this.#jobError = error
      },
    })
    // The job reads what the ingest thread has opened: its first answer says that the logs are there.
    await this.#ingest.call('openProducer', { stream: Object.keys(this.app.streams)[0]!, producerId: 'platform' })
    await this.#startJob()
  }

  get job(): {
    readonly state: JobState
    readonly error: Error | null
    readonly status: JobStatus
    readonly restarts: number
  } {
    return { state: this.#jobState, error: this.#jobError, status: this.#jobStatus, restarts: this.#restarts }
  }

  openProducer(stream: string, producerId: string): Promise<{ readonly epoch: number; readonly nextSequence: number }> {
    return this.#writing().call('openProducer', { stream, producerId })
  }

  /** The producer as the log knows it, without taking over from it; null for one that was never opened. */
  knownProducer(
    stream: string,
    producerId: string,
  ): Promise<{ readonly epoch: number; readonly nextSequence: number } | null> {
    return this.#writing().call('knownProducer', { stream, producerId })
  }

  /** Appends the pieces of one request. A piece is taken when the one before is in the log: that is the back-pressure. */
  async append(
    request: { readonly stream: string; readonly format: SourceFormat; readonly producer: ProducerPosition | null },
    pieces: AsyncIterable<Uint8Array>,
  ): Promise<IngestTotals> {
    const ingest = this.#writing()
    const id = await ingest.call('open', request)
    try {
      for await (const bytes of pieces) await ingest.call('write', { request: id, bytes })
      return await ingest.call('end', id)
    } catch (error) {
      await ingest.call('abort', id).catch(() => {})
      throw error
    }
  }

  /**
   * Brings dead letters back (semantics 1.9). After placing them the queries of the stream are computed anew; the answer comes when
   * they have begun.
   */
  async replayDeadLetters(stream: string, request: ReplayRequest): Promise<ReplayReport> {
    const report = await this.#writing().call('replayDeadLetters', { stream, request })
    if (!request.dryRun && report.rebuilt.length > 0) await this.rebuildJob(report.rebuilt)
    return report
  }

  /** Computes queries anew from the start of the log; the other ones go on from where they stand. */
  async rebuildJob(queries: readonly string[]): Promise<void> {
    const job = this.#job
    // From here on its end is no failure.
    this.#job = null
    await job?.call('close', undefined).catch(() => {})
    await job?.terminate()
    await this.#startJob(queries)
    this.results.restart()
  }

  async health(): Promise<AppHealth> {
    return healthOf(this, await this.#writing().call('recentInputs', undefined))
  }

  openResults(): ResultReader {
    return this.#spec.platform.openResults(this.#spec.folder)
  }

  openLogs(): Promise<readonly StreamReader[]> {
    return this.#spec.platform.openLogReaders(this.#spec.folder)
  }

  async stop(): Promise<void> {
    this.#stopping = true
    this.#jobState = 'stopped'
    await this.#job?.call('close', undefined).catch(() => {})
    await this.#job?.terminate()
    await this.#ingest?.call('close', undefined).catch(() => {})
    await this.#ingest?.terminate()
  }

  #writing(): Thread<IngestMethods, AppendedEvent> {
    if (this.#ingest === null)
      throw new MysimbdpError(
        'MSB_STORAGE_FAILED',
        `ingest of app '${this.app.plan.name}' has stopped: ${this.#jobError?.message ?? 'unknown reason'}`,
      )
    return this.#ingest
  }

  async #startJob(rebuild: readonly string[] = []): Promise<void> {
    const job: Thread<JobMethods, CommittedEvent> = new Thread(
      this.#spec.entry,
      { ...this.#threadData('job'), rebuild },
      {
        onEvent: (event) => this.#onCommitted(event),
        onEnd: (error) => {
          if (this.#job === job) void this.#onJobEnd(error)
        },
      },
    )
    this.#job = job
    try {
      this.#jobStatus = await job.call('status', undefined)
      this.#jobState = 'running'
      this.#wakeJob()
    } catch {
      // onEnd has the error that ended the thread, and decides.
    }
  }

  #onCommitted({ changes, status }: CommittedEvent): void {
    this.#jobStatus = status
    this.#restarts = 0
    for (const change of changes) this.results.publish(change satisfies CommittedChanges)
  }

  async #onJobEnd(error: Error | null): Promise<void> {
    this.#job = null
    if (this.#stopping) return
    this.#jobError = error
    // Across threads an error keeps its fields, not its class.
    const retry =
      (error as Partial<MysimbdpError> | null)?.code === undefined
        ? 'never'
        : new MysimbdpError((error as MysimbdpError).code, error!.message).retry
    if (retry === 'never') {
      this.#jobState = 'failed'
      return
    }
    this.#jobState = 'recovering'
    await delay(Math.min(BACKOFF_MS * 2 ** this.#restarts++, BACKOFF_MAX_MS))
    if (this.#stopping) return
    await this.#startJob()
    this.results.restart()
  }

  #wakeJob(): void {
    this.#job?.call('wake', undefined).catch(() => {})
  }

  #threadData(role: ThreadData['role']): ThreadData {
    return { role, appPath: this.#spec.appPath, folder: this.#spec.folder }
  }
}
