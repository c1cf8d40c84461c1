import { join } from 'node:path/posix'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { sha256 } from '#foundation/hash/sha256.ts'
import { randomId } from '#foundation/random/random-id.ts'
import type { Clock } from '#foundation/time/clock.ts'
import { Wait } from '#foundation/time/timers.ts'
import type { AppPlan } from '#language/plan/plan.ts'
import type { Job, JobSpec, JobStatus, QueryStatus } from '../../engine.ts'
import type { SparkAddress } from '../connect/connection-string.ts'
import { SparkSession } from '../connect/spark-session.ts'
import { activeQueries, type QueryStart, type StreamingQuery, startStreamingQuery } from '../connect/streaming-query.ts'
import { checkpointOf, type KnownQuery } from './checkpoint-choice.ts'
import { readJobRecord, writeJobRecord } from './job-record.ts'
import { SupervisedQuery } from './supervised-query.ts'

/** A query as it is given to Spark; name and checkpoint are added. */
export type SubmittedQuery = Pick<QueryStart, 'input' | 'outputMode' | 'format' | 'options'>

export interface SparkJobPlace {
  readonly address: SparkAddress
  /** Spark's own pages, for people; null where nobody said. */
  readonly pageUrl: string | null
  /** Folder or URL that all of Spark's machines reach. */
  readonly checkpoints: string
  /** The file of this instance that says on which session and checkpoints its job runs. */
  readonly recordFile: string
  readonly clock: Clock
}

export interface SparkJobQuery {
  readonly name: string
  /** Of the plan whose state Spark is to keep. */
  readonly fingerprint: string
  readonly submitted: SubmittedQuery
}

/** What a job of Spark needs of what any job is told. */
export type SparkJobSpec = Pick<JobSpec, 'rebuild' | 'keep' | 'onCommitBegun' | 'onCommit'> & {
  readonly plan: Pick<AppPlan, 'name'>
}

/** How often each query looks for records: without a pause four idle queries took half a core. */
const TRIGGER = '1 second'
/** How often the server is asked for progress. It also keeps the session, which a server may close after an hour without a request. */
const POLL_MS = 1000

const NOTHING_READ = Number.NEGATIVE_INFINITY

/** The queries of an app on a Spark server, started on their checkpoints, or found running and taken over. */
export class SparkJob implements Job {
  readonly #session: SparkSession
  readonly #queries: ReadonlyMap<string, SupervisedQuery>
  readonly #spec: SparkJobSpec
  readonly #generation = randomId()
  #sequence = 0
  #pause = new Wait(0)
  #closing = false
  readonly durablePositions = []

  private constructor(session: SparkSession, queries: ReadonlyMap<string, SupervisedQuery>, spec: SparkJobSpec) {
    this.#session = session
    this.#queries = queries
    this.#spec = spec
  }

  /** @throws MSB_STATE_FINGERPRINT, MSB_STATE_DAMAGED, and what `SparkSession` throws */
  static async open(spec: SparkJobSpec, queries: readonly SparkJobQuery[], place: SparkJobPlace): Promise<SparkJob> {
    const record = readJobRecord(place.recordFile)
    const known = new Map(queries.map((query) => [query.name, knownQueryOf(query, record.queries[query.name], spec)]))
    const { session, active } = await sessionWithQueries(place.address, record.sessionId)
    try {
      // Before anything starts: a crash in between finds what was started.
      writeJobRecord(place.recordFile, { sessionId: session.id, queries: Object.fromEntries(known) })
      await session.setConfiguration({ 'spark.sql.session.timeZone': 'UTC' })
      const started = new Map<string, SupervisedQuery>()
      for (const query of queries) {
        const name = `${spec.plan.name}.${query.name}`
        const now = known.get(query.name)!
        const running = active.find((one) => one.name === name) ?? null
        const goesOn = isSame(record.queries[query.name], now)
        // Another run on the same checkpoint would be ended by Spark itself; one on another has to be told.
        if (running !== null && !goesOn) await running.stop()
        const start = queryStart(name, query, join(place.checkpoints, spec.plan.name, query.name, now.checkpoint))
        const supervised = await SupervisedQuery.begin(
          { name, clock: place.clock, pageUrl: place.pageUrl, start: () => startStreamingQuery(session, start) },
          goesOn ? running : null,
        )
        started.set(query.name, supervised)
      }
      return new SparkJob(session, started, spec)
    } catch (error) {
      session.close()
      throw error
    }
  }

  /** One look at the server, a second after the one before. Answers true for ever: Spark reads by itself, there is always something to look at. */
  async step(): Promise<boolean> {
    await this.#pause.over
    if (this.#closing) return false
    this.#pause = new Wait(POLL_MS)
    const active = new Set((await activeQueries(this.#session)).map(({ runId }) => runId))
    let changed = false
    for (const query of this.#queries.values()) changed = (await query.poll(active)) || changed
    if (changed || this.#sequence === 0) this.#tell()
    return true
  }

  /** Rows go from Spark to the topics of results, and are not seen here. */
  #tell(): void {
    this.#spec.onCommitBegun?.()
    this.#spec.onCommit?.({
      position: { generation: this.#generation, sequence: this.#sequence++ },
      changes: [],
      read: [],
    })
  }

  get status(): JobStatus {
    return { queries: [...this.#queries].map(([name, query]) => statusOf(name, query)) }
  }

  /** Spark writes its checkpoints itself. */
  checkpoint(): void {}

  async finish(): Promise<void> {
    throw new MysimbdpError('MSB_PLAN_UNSUPPORTED', 'Spark runs streams that have no end')
  }

  /** Ends the queries; the next job goes on from their checkpoints. A server that is gone has ended them itself. */
  async close(): Promise<void> {
    this.#closing = true
    this.#pause.end()
    await Promise.allSettled([...this.#queries.values()].map((query) => query.stop()))
    this.#session.close()
  }
}

function knownQueryOf(
  { name, fingerprint, submitted }: SparkJobQuery,
  known: KnownQuery | undefined,
  spec: SparkJobSpec,
): KnownQuery {
  const { rebuild = [], keep = [] } = spec
  return checkpointOf({
    query: name,
    fingerprint,
    submitted: sha256(JSON.stringify(submitted, bigintText)),
    known: known ?? null,
    rebuild: rebuild === 'all' || rebuild.includes(name),
    keep: keep.includes(name),
  })
}

/** Literals of Spark's LONG are bigints, which JSON has not. */
const bigintText = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value)

const isSame = (before: KnownQuery | undefined, now: KnownQuery): boolean =>
  before?.checkpoint === now.checkpoint && before.submitted === now.submitted

const queryStart = (name: string, { submitted }: SparkJobQuery, checkpointLocation: string): QueryStart => ({
  ...submitted,
  name,
  options: { ...submitted.options, checkpointLocation },
  trigger: { every: TRIGGER },
})

/** The session of before with what runs in it; a new one where the server has closed that. */
async function sessionWithQueries(
  address: SparkAddress,
  sessionId: string | null,
): Promise<{ readonly session: SparkSession; readonly active: readonly StreamingQuery[] }> {
  const session = new SparkSession({ ...address, sessionId: sessionId ?? address.sessionId })
  try {
    return { session, active: await activeQueries(session) }
  } catch (error) {
    session.close()
    const isClosed = error instanceof MysimbdpError && error.code === 'MSB_SPARK_SESSION_LOST'
    if (!isClosed || sessionId === null) throw error
    return sessionWithQueries(address, null)
  }
}

function statusOf(name: string, query: SupervisedQuery): QueryStatus {
  const { facts } = query
  const { batch } = facts
  const maxEventTime = batch?.maxEventTimeMs ?? NOTHING_READ
  return {
    query: name,
    // Spark does not count late records; the query's own observations may.
    lateRecords: 0,
    positions: (batch?.positions ?? []).map(({ partition, offset }) => ({ partition, offset, maxEventTime })),
    closedUpToMs: batch?.watermarkMs ?? NOTHING_READ,
    openWindowEndMs: null,
    stateBytes: batch?.stateBytes ?? 0,
    spilledGroups: 0,
    remote: facts,
  }
}
