import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { randomId } from '#foundation/random/random-id.ts'
import { Wait } from '#foundation/time/timers.ts'
import type { AppPlan } from '#language/plan/plan.ts'
import type { Job, JobSpec, JobStatus, QueryStatus } from '../../engine.ts'
import type { SparkSession } from '../connect/spark-session.ts'
import { activeQueries } from '../connect/streaming-query.ts'
import { SESSION_SETTINGS } from '../lowering/query.ts'
import {
  beginQueries,
  knownQueryOf,
  type SparkJobPlace,
  type SparkJobQuery,
  sessionWithQueries,
} from './begin-queries.ts'
import type { KnownQuery } from './checkpoint-choice.ts'
import { type JobRecord, type Positions, readJobRecord, writeJobRecord } from './job-record.ts'
import type { SupervisedQuery } from './supervised-query.ts'

/** What a job of Spark needs of what any job is told. */
export type SparkJobSpec = Pick<JobSpec, 'rebuild' | 'keep' | 'onCommitBegun' | 'onCommit'> & {
  readonly plan: Pick<AppPlan, 'name'>
}

/** How often the server is asked for progress. It also keeps the session, which a server may close after an hour without a request. */
const POLL_MS = 1000

const NOTHING_READ = Number.NEGATIVE_INFINITY
const AT_THE_BEGINNING: Positions = [{ partition: 0, offset: 0, maxEventTime: NOTHING_READ }]

interface OpenedJob {
  readonly session: SparkSession
  readonly queries: ReadonlyMap<string, SupervisedQuery>
  readonly spec: SparkJobSpec
  readonly recordFile: string
  readonly record: JobRecord
}

/** The queries of an app on a Spark server, started on their checkpoints, or found running and taken over. */
export class SparkJob implements Job {
  readonly #opened: OpenedJob
  readonly #generation = randomId()
  #sequence = 0
  /** As they were at the last look. */
  #toldStates = ''
  #pause = new Wait(0)
  #closing = false
  readonly durablePositions = []

  private constructor(opened: OpenedJob) {
    this.#opened = opened
  }

  /** @throws MSB_STATE_FINGERPRINT, MSB_STATE_DAMAGED, and what `SparkSession` throws */
  static async open(spec: SparkJobSpec, queries: readonly SparkJobQuery[], place: SparkJobPlace): Promise<SparkJob> {
    const { recordFile } = place
    const before = readJobRecord(recordFile)
    const known = new Map(queries.map((query) => [query.name, knownQueryOf(query, before.queries[query.name], spec)]))
    const { session, active } = await sessionWithQueries(place.address, before.sessionId)
    try {
      const record = recordOf(session.id, known, before)
      // Before anything starts: a crash in between finds what was started.
      writeJobRecord(recordFile, record)
      await session.setConfiguration(SESSION_SETTINGS)
      const begun = await beginQueries({ app: spec.plan.name, queries, place, session, active, before, known })
      return new SparkJob({ session, queries: begun, spec, recordFile, record })
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
    const active = new Set((await activeQueries(this.#opened.session)).map(({ runId }) => runId))
    const queries = [...this.#opened.queries.values()]
    let hasBatches = false
    for (const query of queries) hasBatches = (await query.poll(active)) || hasBatches
    const states = queries.map(({ facts }) => `${facts.state} ${facts.restarts}`).join()
    if (hasBatches || states !== this.#toldStates) this.#tell(hasBatches)
    this.#toldStates = states
    return true
  }

  /** Rows go from Spark to the topics of results, and are not seen here. */
  #tell(hasBatches: boolean): void {
    const { spec, recordFile, record } = this.#opened
    // What only says how things are is no commit to who counts them.
    if (hasBatches) spec.onCommitBegun?.()
    const positions = Object.fromEntries(this.status.queries.map((query) => [query.query, query.positions]))
    writeJobRecord(recordFile, { ...record, positions })
    spec.onCommit?.({
      position: { generation: this.#generation, sequence: this.#sequence++ },
      changes: [],
      read: [],
    })
  }

  get status(): JobStatus {
    const { queries, record } = this.#opened
    return { queries: [...queries].map(([name, query]) => statusOf(name, query, record.positions[name])) }
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
    await Promise.allSettled([...this.#opened.queries.values()].map((query) => query.stop()))
    this.#opened.session.close()
  }
}

function recordOf(sessionId: string, known: ReadonlyMap<string, KnownQuery>, before: JobRecord): JobRecord {
  const positions = Object.entries(before.positions).filter(
    ([name]) => known.get(name)?.checkpoint === before.queries[name]?.checkpoint,
  )
  return { sessionId, queries: Object.fromEntries(known), positions: Object.fromEntries(positions) }
}

function statusOf(name: string, query: SupervisedQuery, before: Positions = AT_THE_BEGINNING): QueryStatus {
  const { facts } = query
  const { batch } = facts
  const maxEventTime = batch?.maxEventTimeMs ?? NOTHING_READ
  const positions = batch?.positions.map(({ partition, offset }) => ({ partition, offset, maxEventTime })) ?? []
  return {
    query: name,
    // Spark counts groups that were late, not records: `remote` has them.
    lateRecords: 0,
    positions: positions.length === 0 ? before : positions,
    closedUpToMs: batch?.watermarkMs ?? NOTHING_READ,
    openWindowEndMs: null,
    stateBytes: batch?.stateBytes ?? 0,
    spilledGroups: 0,
    remote: facts,
  }
}
