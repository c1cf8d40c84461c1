import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { Clock } from '#foundation/time/clock.ts'
import { requireAvro } from '../connect/avro-support.ts'
import type { SparkAddress } from '../connect/connection-string.ts'
import { SparkSession } from '../connect/spark-session.ts'
import {
  activeQueries,
  type QueryFailure,
  type QueryStart,
  type StreamingQuery,
  startStreamingQuery,
} from '../connect/streaming-query.ts'
import { METRICS, SESSION_SETTINGS } from '../lowering/query.ts'
import { askedId } from '../lowering/record-writers.ts'
import type { JobRecord } from './job-record.ts'
import type { LearntWriters } from './learnt-writers.ts'
import { SupervisedQuery } from './supervised-query.ts'

export interface SparkJobPlace {
  readonly address: SparkAddress
  /** Where Spark shows its own pages; null where nobody said. */
  readonly pages: string | null
  /** Folder or URL that all of Spark's machines reach. */
  readonly checkpoints: string
  /** The file of this instance that says in which session its job runs. */
  readonly recordFile: string
  readonly clock: Clock
}

/** A query as it is to run on the server. */
export interface WantedQuery {
  readonly name: string
  /** Whose records it reads. */
  readonly stream: string
  /** Name of the checkpoint's folder. */
  readonly checkpoint: string
  /** How it is asked for, by what is known of the writers of its records now. */
  asked(): AskedQuery
}

export interface AskedQuery {
  /** Hash of all that Spark is asked to run. */
  readonly submitted: string
  readonly start: Pick<QueryStart, 'input' | 'outputMode' | 'format' | 'options'>
}

export interface Connecting {
  readonly app: string
  readonly queries: readonly WantedQuery[]
  readonly place: SparkJobPlace
  readonly writers: LearntWriters
  /** What was kept of the job before. */
  readonly before: JobRecord
  /** Called with the session before anything is started in it: a crash in between finds what was started. */
  onSession(sessionId: string): void
}

/** How often each query looks for records: without a pause four idle queries took half a core. */
const TRIGGER = '1 second'

/** The queries of an app in a session of the server: those that run as they should go on, those that should not run are stopped. */
export class RunningQueries {
  readonly byName: ReadonlyMap<string, SupervisedQuery>
  readonly #session: SparkSession

  private constructor(session: SparkSession, byName: ReadonlyMap<string, SupervisedQuery>) {
    this.#session = session
    this.byName = byName
  }

  /** Starts nothing yet: what does not run is due. @throws what `SparkSession` throws */
  static async connect(connecting: Connecting): Promise<RunningQueries> {
    const { queries, place, before, onSession } = connecting
    const { session, active } = await sessionWithQueries(place.address, before.sessionId)
    try {
      onSession(session.id)
      await session.setConfiguration(SESSION_SETTINGS)
      const running = await wantedRuns(connecting, active)
      const supervised = queries.map(
        (query) => [query.name, supervisedQuery(query, running.get(query.name) ?? null, session, connecting)] as const,
      )
      return new RunningQueries(session, new Map(supervised))
    } catch (error) {
      session.close()
      throw error
    }
  }

  /** One that is to be started now. */
  get due(): SupervisedQuery | undefined {
    return [...this.byName.values()].find(({ isDue }) => isDue)
  }

  /** A text that changes when the state of a query does. */
  get states(): string {
    return [...this.byName.values()].map(({ facts }) => `${facts.state} ${facts.restarts}`).join()
  }

  /** Asks how all of them are. Answers whether batches have come through since the last time. @throws what `SparkSession` throws */
  async poll(): Promise<boolean> {
    const active = new Set((await activeQueries(this.#session)).map(({ runId }) => runId))
    let hasBatches = false
    for (const query of this.byName.values()) hasBatches = (await query.poll(active)) || hasBatches
    return hasBatches
  }

  /** Ends the queries; a server that is gone has ended them itself. */
  async stop(): Promise<void> {
    await Promise.allSettled([...this.byName.values()].map((query) => query.stop()))
    this.#session.close()
  }
}

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

/** Of what runs of the app, the runs that are as they should be, by query. The others are stopped. */
async function wantedRuns(
  { app, queries, before }: Connecting,
  active: readonly StreamingQuery[],
): Promise<ReadonlyMap<string, StreamingQuery>> {
  const goesOn = ({ name, checkpoint, asked }: WantedQuery): boolean =>
    before.queries[name]?.checkpoint === checkpoint && before.queries[name]?.submitted === asked().submitted
  const wanted = new Map(queries.filter(goesOn).map((query) => [`${app}.${query.name}`, query.name]))
  const runs = new Map<string, StreamingQuery>()
  for (const run of active) {
    const name = wanted.get(run.name)
    if (name !== undefined) runs.set(name, run)
    else if (run.name.startsWith(`${app}.`)) await run.stop()
  }
  return runs
}

function supervisedQuery(
  { name, stream, checkpoint, asked }: WantedQuery,
  running: StreamingQuery | null,
  session: SparkSession,
  { app, place, writers }: Connecting,
): SupervisedQuery {
  // No `join`: of a URL it would take one of the two slashes.
  const checkpointLocation = [place.checkpoints, app, name, checkpoint].join('/')
  const start = (): Promise<StreamingQuery> => {
    const { start: query } = asked()
    const options = { ...query.options, checkpointLocation }
    return startStreamingQuery(session, { ...query, name: `${app}.${name}`, options, trigger: { every: TRIGGER } })
  }
  const learn = async ({ message }: QueryFailure): Promise<boolean> => {
    const id = askedId(message)
    if (id === null) return false
    await requireAvro(session)
    await writers.learn(stream, id)
    return true
  }
  const spec = {
    name: `${app}.${name}`,
    clock: place.clock,
    pages: place.pages,
    observation: METRICS.read,
    start,
    learn,
  }
  return new SupervisedQuery(spec, running)
}
