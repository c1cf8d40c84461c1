import type { Clock } from '#foundation/time/clock.ts'
import type { RemoteBatch, RemoteQuery } from '../../remote-query.ts'
import type { QueryFailure } from '../connect/streaming-query.ts'
import { batchOf } from './query-progress.ts'

/** A run of a query, as the supervisor needs it. */
export interface QueryRun {
  readonly runId: string
  lastProgress(): Promise<unknown>
  recentProgress(): Promise<readonly unknown[]>
  failure(): Promise<QueryFailure | null>
  stop(): Promise<void>
}

export interface SupervisedQuerySpec {
  /** `{app}.{query}` */
  readonly name: string
  readonly clock: Clock
  readonly pageUrl: string | null
  /** Starts it on its checkpoint. */
  start(): Promise<QueryRun>
}

/** First pause before a query that ended is started again; it doubles up to the second. A batch that comes through makes the next failure a first one. */
const BACKOFF_MS = 1000
const BACKOFF_MAX_MS = 60_000
/**
 * Spark tells of a query without records every ten seconds. One that says nothing for so long waits for something: most often a broker that cannot be
 * reached, which is no error to Spark.
 */
export const STALLED_AFTER_MS = 60_000

/** One query of a job: started again when it ends with an error, and watched for standing still. */
export class SupervisedQuery {
  readonly #spec: SupervisedQuerySpec
  #run: QueryRun | null
  #batch: RemoteBatch | null = null
  #inputRows = 0
  #droppedGroups = 0
  #heardMs: number
  #failures = 0
  #restarts = 0
  #startAtMs = 0
  #lastError: RemoteQuery['lastError'] = null

  /** @param run one that goes on from before */
  private constructor(spec: SupervisedQuerySpec, run: QueryRun) {
    this.#spec = spec
    this.#run = run
    this.#heardMs = spec.clock.monotonicMs()
  }

  /** @param running a run of before that is to go on; started anew where it is null */
  static async begin(spec: SupervisedQuerySpec, running: QueryRun | null): Promise<SupervisedQuery> {
    return new SupervisedQuery(spec, running ?? (await spec.start()))
  }

  get name(): string {
    return this.#spec.name
  }

  get facts(): RemoteQuery {
    const silentMs = this.#spec.clock.monotonicMs() - this.#heardMs
    return {
      state: this.#run === null ? 'restarting' : silentMs > STALLED_AFTER_MS ? 'stalled' : 'running',
      restarts: this.#restarts,
      lastError: this.#lastError,
      pageUrl: this.#spec.pageUrl,
      batch: this.#batch,
      inputRows: this.#inputRows,
      droppedGroups: this.#droppedGroups,
    }
  }

  /**
   * Asks how it is, and starts it again when that is due. Answers whether a batch has come through since the last time.
   * @param active runs that the server says are active
   * @throws what `SparkSession` throws: then nothing is known of any query
   */
  async poll(active: ReadonlySet<string>): Promise<boolean> {
    if (this.#run === null) {
      if (this.#spec.clock.monotonicMs() < this.#startAtMs) return false
      this.#run = await this.#spec.start()
      this.#restarts++
      this.#heardMs = this.#spec.clock.monotonicMs()
      return false
    }
    if (!active.has(this.#run.runId)) {
      this.#ended(await this.#run.failure())
      this.#run = null
      return false
    }
    return this.#hear(this.#run)
  }

  async stop(): Promise<void> {
    await this.#run?.stop()
  }

  async #hear(run: QueryRun): Promise<boolean> {
    const progress = await run.lastProgress()
    if (progress === null) return false
    const [before, batch] = [this.#batch, batchOf(progress)]
    if (before?.atMs === batch.atMs) return false
    this.#heardMs = this.#spec.clock.monotonicMs()
    // Spark tells again of the last batch where there was nothing to do.
    if (before?.id === batch.id) {
      this.#batch = { ...before, atMs: batch.atMs, lag: batch.lag }
      return false
    }
    const unseen = before !== null && batch.id > before.id + 1 ? (await run.recentProgress()).map(batchOf) : [batch]
    for (const one of unseen) if (before === null || one.id > before.id) this.#take(one)
    this.#failures = 0
    return true
  }

  /** A batch without records has no greatest event time; that of before goes on. */
  #take(batch: RemoteBatch): void {
    const maxEventTimeMs = batch.maxEventTimeMs ?? this.#batch?.maxEventTimeMs ?? null
    this.#batch = { ...batch, maxEventTimeMs }
    this.#inputRows += batch.inputRows
    this.#droppedGroups += batch.droppedGroups
  }

  #ended(failure: QueryFailure | null): void {
    const message =
      failure === null
        ? `'${this.name}' was stopped on the Spark server by somebody else`
        : [failure.errorClass, failure.message].filter((part) => part !== null).join(': ')
    this.#lastError = { code: 'MSB_SPARK_QUERY_FAILED', message }
    this.#startAtMs = this.#spec.clock.monotonicMs() + Math.min(BACKOFF_MS * 2 ** this.#failures++, BACKOFF_MAX_MS)
  }
}
