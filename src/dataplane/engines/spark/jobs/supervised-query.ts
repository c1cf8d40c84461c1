import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { Clock } from '#foundation/time/clock.ts'
import type { RemoteBatch, RemoteQuery, RemoteRun } from '../../remote-query.ts'
import type { QueryFailure } from '../connect/streaming-query.ts'
import { batchOf } from './query-progress.ts'

/** A run of a query, as the supervisor needs it. */
export interface QueryRun {
  readonly runId: string
  /** What it does, in Spark's words. */
  status(): Promise<{ readonly message: string }>
  lastProgress(): Promise<unknown>
  recentProgress(): Promise<readonly unknown[]>
  failure(): Promise<QueryFailure | null>
  stop(): Promise<void>
}

export interface SupervisedQuerySpec {
  /** `{app}.{query}` */
  readonly name: string
  readonly clock: Clock
  /** Where Spark shows its own pages; null where nobody said. */
  readonly pages: string | null
  /** Of the figures that the query takes of its records, those that are counts, to be added up. */
  readonly observation: string
  /** Starts it on its checkpoint. */
  start(): Promise<QueryRun>
  /** Finds out what a run has ended for want of; answers false where that was not why. @throws where it cannot be found out now */
  learn(failure: QueryFailure): Promise<boolean>
}

/** First pause before a query that ended is started again; it doubles up to the second. A batch that comes through makes the next failure a first one. */
const BACKOFF_MS = 1000
const BACKOFF_MAX_MS = 60_000
/**
 * Spark tells of a query without records every ten seconds. One that says nothing for so long is in a long batch, as the first ones on a cold server are, or waits:
 * most often for a broker that cannot be reached, which is no error to Spark.
 */
export const STALLED_AFTER_MS = 60_000
/** Errors that say nothing of a query, but of the server. */
const LOST: ReadonlySet<string> = new Set(['MSB_SPARK_UNREACHABLE', 'MSB_SPARK_SESSION_LOST'])
/** What Spark says of a query that works on a batch. */
const IN_A_BATCH = /^(?:Processing new data|No new data but cleaning up state)/

/** What Spark tells of a trigger that found nothing to do has the number of the batch that will be next. */
const isRun = ({ partsMs }: RemoteBatch): boolean => partsMs.addBatch !== undefined

/** Of a query that no server was asked for yet. */
export const NOT_STARTED: RemoteRun = {
  state: 'starting',
  restarts: 0,
  lastError: null,
  pageUrl: null,
  batch: null,
  inputRows: 0,
  droppedGroups: 0,
  counted: {},
}

/** One query of a job: started again when it ends with an error, and watched for standing still. */
export class SupervisedQuery {
  readonly #spec: SupervisedQuerySpec
  #run: QueryRun | null
  #batch: RemoteBatch | null = null
  #heardBatchMs: number | null = null
  #inputRows = 0
  #droppedGroups = 0
  readonly #counted = new Map<string, number>()
  #heardMs: number
  #isStalled = false
  #failures = 0
  #starts: number
  #startAtMs = 0
  #lastError: RemoteQuery['lastError'] = null

  /** @param running a run of before that is to go on; null for one that is to be started */
  constructor(spec: SupervisedQuerySpec, running: QueryRun | null) {
    this.#spec = spec
    this.#run = running
    this.#starts = running === null ? 0 : 1
    this.#heardMs = spec.clock.monotonicMs()
  }

  get name(): string {
    return this.#spec.name
  }

  get facts(): RemoteRun {
    return {
      state: this.#state,
      restarts: Math.max(this.#starts - 1, 0),
      lastError: this.#lastError,
      pageUrl: this.#run === null ? this.#spec.pages : pageOf(this.#run, this.#spec.pages),
      batch: this.#batch,
      inputRows: this.#inputRows,
      droppedGroups: this.#droppedGroups,
      counted: Object.fromEntries(this.#counted),
    }
  }

  get #state(): RemoteQuery['state'] {
    if (this.#run === null) return this.#starts === 0 ? 'starting' : 'restarting'
    return this.#isStalled ? 'stalled' : 'running'
  }

  /** It does not run, and the pause after its last failure is over. */
  get isDue(): boolean {
    return this.#run === null && this.#spec.clock.monotonicMs() >= this.#startAtMs
  }

  /** @throws what `SparkSession` throws */
  async start(): Promise<void> {
    this.#run = await this.#spec.start()
    this.#starts++
    this.#heard()
  }

  /**
   * Asks how it is. Answers whether a batch has come through since the last time.
   * @param active runs that the server says are active
   * @throws what `SparkSession` throws: then nothing is known of any query
   */
  async poll(active: ReadonlySet<string>): Promise<boolean> {
    if (this.#run === null) return false
    if (!active.has(this.#run.runId)) {
      this.#lastError = await this.#endOf(await this.#run.failure())
      this.#run = null
      return false
    }
    const hasBatches = await this.#hear(this.#run)
    if (this.#spec.clock.monotonicMs() - this.#heardMs > STALLED_AFTER_MS)
      this.#isStalled = !IN_A_BATCH.test((await this.#run.status()).message)
    return hasBatches
  }

  async stop(): Promise<void> {
    await this.#run?.stop()
  }

  #heard(): void {
    this.#heardMs = this.#spec.clock.monotonicMs()
    this.#isStalled = false
  }

  async #hear(run: QueryRun): Promise<boolean> {
    const progress = await run.lastProgress()
    if (progress === null) return false
    const heard = batchOf(progress)
    if (heard.atMs === this.#heardBatchMs) return false
    this.#heardBatchMs = heard.atMs
    this.#heard()
    const before = this.#batch?.id ?? -1
    if (!isRun(heard) && this.#batch !== null && heard.id === before + 1) {
      this.#batch = { ...this.#batch, lag: heard.lag }
      return false
    }
    const isNext = isRun(heard) && heard.id === before + 1
    const batches = isNext ? [heard] : (await run.recentProgress()).map(batchOf)
    const unseen = batches.filter((batch) => isRun(batch) && batch.id > before)
    for (const batch of unseen) this.#take(batch)
    if (unseen.length > 0) this.#failures = 0
    return unseen.length > 0
  }

  /** A batch without records has no greatest event time; that of before goes on. */
  #take(batch: RemoteBatch): void {
    const maxEventTimeMs = batch.maxEventTimeMs ?? this.#batch?.maxEventTimeMs ?? null
    this.#batch = { ...batch, maxEventTimeMs }
    this.#inputRows += batch.inputRows
    this.#droppedGroups += batch.droppedGroups
    for (const [name, count] of Object.entries(batch.observed[this.#spec.observation] ?? {}))
      this.#counted.set(name, (this.#counted.get(name) ?? 0) + (count ?? 0))
  }

  /** When it is started again, and the last error from now on: one that only wanted to know something is started at once, and has had none. */
  async #endOf(failure: QueryFailure | null): Promise<RemoteQuery['lastError']> {
    const why = failure === null ? null : await this.#learn(failure)
    if (why === 'learnt') {
      this.#startAtMs = this.#spec.clock.monotonicMs()
      return this.#lastError
    }
    this.#startAtMs = this.#spec.clock.monotonicMs() + Math.min(BACKOFF_MS * 2 ** this.#failures++, BACKOFF_MAX_MS)
    if (why !== null) return { code: why.code, message: `'${this.name}' ended: ${why.message}` }
    const stopped = `'${this.name}' was stopped on the Spark server by somebody else`
    const message = failure === null ? stopped : `'${this.name}' ended: ${sentenceOf(failure)}`
    return { code: 'MSB_SPARK_QUERY_FAILED', message }
  }

  /** Null where it ended for another reason; an error where it cannot learn what it ended for. @throws where the server is lost */
  async #learn(failure: QueryFailure): Promise<'learnt' | MysimbdpError | null> {
    try {
      return (await this.#spec.learn(failure)) ? 'learnt' : null
    } catch (error) {
      if (!(error instanceof MysimbdpError) || LOST.has(error.code)) throw error
      return error
    }
  }
}

const pageOf = ({ runId }: QueryRun, pages: string | null): string | null =>
  pages === null ? null : `${pages}/StreamingQuery/statistics/?id=${runId}`

const EXCEPTION = 'org.apache.spark.sql.streaming.StreamingQueryException: '
/** Where Spark goes on with offsets and plan. */
const DETAILS = '\n=== Streaming Query ==='

/** What went wrong, without the class that all failures of queries have. */
const sentenceOf = ({ message }: QueryFailure): string => message.replace(EXCEPTION, '').split(DETAILS)[0]!.trim()
