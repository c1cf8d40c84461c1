import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { sha256 } from '#foundation/hash/sha256.ts'
import type { Clock } from '#foundation/time/clock.ts'
import type { JobSpec } from '../../engine.ts'
import type { SparkAddress } from '../connect/connection-string.ts'
import { SparkSession } from '../connect/spark-session.ts'
import { activeQueries, type QueryStart, type StreamingQuery, startStreamingQuery } from '../connect/streaming-query.ts'
import { METRICS } from '../lowering/query.ts'
import { checkpointOf, type KnownQuery } from './checkpoint-choice.ts'
import type { JobRecord } from './job-record.ts'
import { SupervisedQuery } from './supervised-query.ts'

/** A query as it is given to Spark; name and checkpoint are added. */
export type SubmittedQuery = Pick<QueryStart, 'input' | 'outputMode' | 'format' | 'options'>

export interface SparkJobPlace {
  readonly address: SparkAddress
  /** Where Spark shows its own pages; null where nobody said. */
  readonly pages: string | null
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

/** How often each query looks for records: without a pause four idle queries took half a core. */
const TRIGGER = '1 second'

/** @throws MSB_STATE_FINGERPRINT */
export function knownQueryOf(
  { name, fingerprint, submitted }: SparkJobQuery,
  known: KnownQuery | undefined,
  { rebuild = [], keep = [] }: Pick<JobSpec, 'rebuild' | 'keep'>,
): KnownQuery {
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

/** The session of before with what runs in it; a new one where the server has closed that. */
export async function sessionWithQueries(
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

export interface Beginning {
  readonly app: string
  readonly queries: readonly SparkJobQuery[]
  readonly place: SparkJobPlace
  readonly session: SparkSession
  /** What runs in the session. */
  readonly active: readonly StreamingQuery[]
  /** What was kept of the job before, and on what its queries are to run now. */
  readonly before: JobRecord
  readonly known: ReadonlyMap<string, KnownQuery>
}

/** Starts the queries of an app; those that run as they should go on, those that should not run are stopped. */
export async function beginQueries(beginning: Beginning): Promise<ReadonlyMap<string, SupervisedQuery>> {
  const { app, queries, active, before, known } = beginning
  const goesOn = (query: string): boolean => isSame(before.queries[query], known.get(query))
  const wanted = new Set(queries.map(({ name }) => name).filter(goesOn))
  const runs = new Map(
    active.filter(({ name }) => name.startsWith(`${app}.`)).map((run) => [run.name.slice(app.length + 1), run]),
  )
  for (const [name, run] of runs) if (!wanted.has(name)) await run.stop()
  const begun = new Map<string, SupervisedQuery>()
  for (const query of queries) {
    const running = wanted.has(query.name) ? (runs.get(query.name) ?? null) : null
    begun.set(query.name, await beginQuery(query, running, beginning))
  }
  return begun
}

const isSame = (before: KnownQuery | undefined, now: KnownQuery | undefined): boolean =>
  before?.checkpoint === now?.checkpoint && before?.submitted === now?.submitted

function beginQuery(
  { name, submitted }: SparkJobQuery,
  running: StreamingQuery | null,
  { app, place, session, known }: Beginning,
): Promise<SupervisedQuery> {
  // No `join`: of a URL it would take one of the two slashes.
  const checkpointLocation = [place.checkpoints, app, name, known.get(name)!.checkpoint].join('/')
  const start: QueryStart = {
    ...submitted,
    name: `${app}.${name}`,
    options: { ...submitted.options, checkpointLocation },
    trigger: { every: TRIGGER },
  }
  const spec = {
    name: start.name,
    clock: place.clock,
    pages: place.pages,
    observation: METRICS.read,
    start: () => startStreamingQuery(session, start),
  }
  return SupervisedQuery.begin(spec, running)
}
