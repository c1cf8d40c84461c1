import type { Clock } from '#foundation/time/clock.ts'
import { type QueryPlan, type SourceNode, sourceOf, streamsOf } from '#language/plan/plan.ts'
import type { ConnectorFacts } from '../connect/connector-watch.ts'
import type { IngestFigures } from '../live/ingest-counters.ts'
import type { JobFigures } from '../live/job-counters.ts'
import type { LiveApp } from '../live/live-app.ts'
import type { LiveAppContext } from '../live/live-app-context.ts'
import { type Platform, type StorageUse, topicOf } from '../runs/platform.ts'
import type { InputCounts } from '../runs/rejection-sentence.ts'
import type { AppFacts, QueryFacts, StreamFacts } from './facts.ts'
import { QueryWatch } from './query-watch.ts'
import { RemoteInputWatch } from './remote-input-watch.ts'
import { ThreadWatch } from './thread-watch.ts'
import type { HealthThresholds } from './thresholds.ts'

/** How long what files take on the disk is taken for true, ms. */
const STORAGE_MS = 5000

const NOTHING_MEASURED: StorageUse = { logBytes: new Map(), stateBytes: 0, stateWalBytes: 0 }

/** Watches one app: asks its threads, and remembers what facts need of the past. */
export class AppWatch {
  readonly live: LiveApp
  readonly #platform: Platform
  readonly #clock: Clock
  readonly #logBytesMax: number | null
  readonly #connectors: () => readonly ConnectorFacts[]
  readonly #ingest: ThreadWatch<ReadonlyMap<string, IngestFigures>>
  readonly #job: ThreadWatch<JobFigures>
  readonly #queries = new Map<string, QueryWatch>()
  readonly #remoteInputs = new Map<string, RemoteInputWatch>()
  #storage: { readonly use: StorageUse; readonly at: number } = { use: NOTHING_MEASURED, at: Number.NEGATIVE_INFINITY }

  constructor(
    live: LiveApp,
    { platform, clock, logBytesMax = null }: LiveAppContext,
    connectors: () => readonly ConnectorFacts[],
  ) {
    this.live = live
    this.#platform = platform
    this.#clock = clock
    this.#logBytesMax = logBytesMax
    this.#connectors = connectors
    this.#ingest = new ThreadWatch(clock, () => live.ingestFigures())
    this.#job = new ThreadWatch(clock, () => live.jobFigures())
  }

  /** Facts as of now, or, of a thread that does not answer within `deadlineMs`, as it last said. */
  async facts(thresholds: HealthThresholds, deadlineMs: number): Promise<AppFacts> {
    await Promise.all([this.#ingest.look(this.live.ingest, deadlineMs), this.#job.look(this.live.job, deadlineMs)])
    const { app, job, ingest, deployment } = this.live
    const storage = this.#storageUse()
    const streams = [...streamsOf(app.plan).values()].map((source) => this.#streamFacts(source, storage))
    return {
      app: app.plan.name,
      timeZone: app.plan.timeZone,
      nowMs: this.#clock.nowMs(),
      thresholds,
      ingest: this.#ingest.facts(ingest, thresholds.restartsMs),
      job: {
        ...this.#job.facts(job, thresholds.restartsMs),
        wanted: deployment.wanted,
        rebuilding: job.rebuilding,
        figures: this.#job.figures,
      },
      streams,
      queries: app.plan.queries.map((query) => this.#queryFacts(query, streams)),
      connectors: this.#connectors(),
      storage,
    }
  }

  /** Whoever writes the dead letters counts; where nobody does, any query of the stream. */
  #remoteInput(stream: string): InputCounts | null {
    const { app, job } = this.live
    const letters = job.status.deadLetters?.find((one) => one.stream === stream)?.remote
    const query = app.plan.queries.find(({ output }) => sourceOf(output).stream === stream)?.name
    const counted = letters?.counted ?? job.status.queries.find((one) => one.query === query)?.remote?.counted
    if (counted === undefined) return null
    let watch = this.#remoteInputs.get(stream)
    if (watch === undefined) this.#remoteInputs.set(stream, (watch = new RemoteInputWatch()))
    return watch.look(counted, this.#clock.nowMs())
  }

  #streamFacts(source: SourceNode, { logBytes }: StorageUse): StreamFacts {
    const { app } = this.live
    const { stream, watermarkDelayMs, maxFutureSkewMs, badRecords } = source
    const { idleTimeoutMs, closeWhenIdle } = app.streams[stream]!.idle
    const topic = topicOf(app.plan, stream)
    return {
      stream,
      topic,
      watermarkDelayMs,
      maxFutureSkewMs,
      badRecords,
      letters: this.live.job.status.deadLetters?.find((one) => one.stream === stream)?.remote ?? null,
      remoteInput: this.#remoteInput(stream),
      idleTimeoutMs,
      closeWhenIdle,
      figures: this.#ingest.figures?.get(stream) ?? null,
      logBytes: logBytes.get(topic) ?? 0,
      logLimitBytes: this.#logBytesMax,
    }
  }

  #queryFacts(query: QueryPlan, streams: readonly StreamFacts[]): QueryFacts {
    let watch = this.#queries.get(query.name)
    if (watch === undefined) this.#queries.set(query.name, (watch = new QueryWatch()))
    return watch.look(query, {
      status: this.live.job.status.queries.find((one) => one.query === query.name) ?? null,
      figures: this.#job.figures?.queries.get(query.name) ?? null,
      stream: streams.find(({ stream }) => stream === sourceOf(query.output).stream)!,
      nowMs: this.#clock.nowMs(),
    })
  }

  #storageUse(): StorageUse {
    const at = this.#clock.monotonicMs()
    if (at - this.#storage.at >= STORAGE_MS) this.#storage = { use: this.#measuredStorage(), at }
    return this.#storage.use
  }

  /** What cannot be measured stays as it last was; the threads that need the folder say what is wrong with it. */
  #measuredStorage(): StorageUse {
    try {
      return this.#platform.storageUse(this.live.folder)
    } catch {
      return this.#storage.use
    }
  }
}
