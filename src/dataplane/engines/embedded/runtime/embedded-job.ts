import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { faultPoint } from '#foundation/faults/fault-points.ts'
import { fingerprint } from '#language/plan/fingerprint.ts'
import { type AppPlan, type QueryPlan, sourceOf } from '#language/plan/plan.ts'
import type { PartitionBounds, StreamReader } from '../../../brokers/broker.ts'
import type { Job, JobSpec, JobStatus } from '../../engine.ts'
import type { JobStore, Position, StoredQuery } from '../state/job-store.ts'
import { STATE_FORMAT } from '../state/sqlite-job-store.ts'
import { QueryRunner } from './query-runner.ts'

/** Records read between two commits. */
const COMMIT_RECORDS = 32_768

/** All queries of one app in one job: each stream is read once, and one transaction commits what all queries made of it. */
export class EmbeddedJob implements Job {
  readonly #streams: ReadonlyMap<string, StreamReader>
  readonly #store: JobStore
  readonly #runners: readonly QueryRunner[]
  readonly #onCommit: NonNullable<JobSpec['onCommit']>
  /** Queries that begin anew, until they have begun. */
  #beginnings: readonly Beginning[]

  private constructor({ streams, onCommit }: JobSpec, store: JobStore, opened: readonly OpenedQuery[]) {
    this.#streams = streams
    this.#store = store
    this.#runners = opened.map(({ runner }) => runner)
    this.#beginnings = opened.map(({ beginning }) => beginning).filter((beginning) => beginning !== null)
    this.#onCommit = onCommit ?? (() => {})
  }

  static async open(spec: JobSpec, store: JobStore): Promise<EmbeddedJob> {
    const opened: OpenedQuery[] = []
    for (const query of spec.plan.queries) opened.push(await openQuery(query, spec, store))
    return new EmbeddedJob(spec, store, opened)
  }

  get status(): JobStatus {
    return {
      queries: this.#runners.map(({ name, lateRecords, positions }) => ({ query: name, lateRecords, positions })),
    }
  }

  async step(): Promise<boolean> {
    this.#begin()
    let advanced = false
    for (const [name, log] of this.#streams) advanced = (await this.#readStream(name, log)) || advanced
    if (!advanced) return false
    this.#commit(this.#runners.map((runner) => runner.takeCommit()).filter((commit) => commit !== undefined))
    return true
  }

  /** Answers whether anything was new: records, or an idle mark. */
  async #readStream(name: string, log: StreamReader): Promise<boolean> {
    const runners = this.#runners.filter(({ stream }) => stream === name)
    let advanced = false
    for (const partition of partitionsByProgress(runners, log.spec.partitions)) {
      const from = Math.min(...runners.map(({ positions }) => positions[partition]!.offset))
      const batches = await log.read(partition, from, COMMIT_RECORDS)
      const { end, maxEventTime, generations } = await log.bounds(partition)
      if (batches.length > 0) faultPoint('job.batch-read')
      const generation = generations.at(-1)!.id
      for (const batch of batches) {
        for (const runner of runners) runner.process(batch, generation)
        advanced = true
        faultPoint('job.batch-processed')
      }
      for (const runner of runners) advanced = runner.reachEnd(partition, end, maxEventTime) || advanced
    }
    return advanced
  }

  async finish(): Promise<void> {
    this.#begin()
    this.#commit(this.#runners.map((runner) => runner.takeLastCommit()))
    faultPoint('job.windows-closed')
  }

  /** What is stored of queries that begin anew is forgotten when the job begins to run, not when it is opened and may yet be refused. */
  #begin(): void {
    for (const { query, fingerprint } of this.#beginnings) this.#store.resetQuery(query, fingerprint)
    this.#beginnings = []
  }

  #commit(commits: Parameters<JobStore['commit']>[0]): void {
    this.#store.commit(commits)
    const changed = commits.filter(({ rows, removedKeys }) => rows.length + removedKeys.length > 0)
    this.#onCommit(changed.map(({ query, rows, removedKeys }) => ({ query, rows, removedKeys })))
  }

  close(): void {
    this.#store.close()
  }
}

/** The partition furthest behind in event time first, so that the one that holds windows open catches up. */
function partitionsByProgress(runners: readonly QueryRunner[], partitions: number): readonly number[] {
  const progress = (partition: number): number =>
    Math.min(...runners.map(({ positions }) => positions[partition]!.maxEventTime))
  return Array.from({ length: partitions }, (_, partition) => partition).sort(
    (a, b) => progress(a) - progress(b) || a - b,
  )
}

/** A query of which nothing is stored, or only what is to be forgotten. */
type Beginning = Pick<StoredQuery, 'query' | 'fingerprint'>

interface OpenedQuery {
  readonly runner: QueryRunner
  /** Null when it goes on from what is stored. */
  readonly beginning: Beginning | null
}

async function openQuery(query: QueryPlan, spec: JobSpec, store: JobStore): Promise<OpenedQuery> {
  const log = spec.streams.get(sourceOf(query.output).stream)!
  const kept = usableState(query, spec, store)
  const stored = kept !== undefined && (await hasSeenRepairs(kept, log)) ? kept : undefined
  const positions: Position[] = []
  for (let partition = 0; partition < log.spec.partitions; partition++) {
    const bounds = await log.bounds(partition)
    const known = stored?.positions.find((position) => position.partition === partition)
    if (known !== undefined) requireWithinLog(query.name, known, bounds)
    positions.push(
      known ?? {
        partition,
        offset: bounds.start,
        generation: bounds.generations.at(-1)!.id,
        maxEventTime: bounds.maxEventTimeBeforeStart,
        revision: bounds.revision,
      },
    )
  }
  const runner = new QueryRunner(query, spec.plan.timeZone, spec.lateness, stored?.lateRecords ?? 0, positions)
  if (stored !== undefined) runner.restore(store.loadState(query.name))
  const beginning = { query: query.name, fingerprint: stateFingerprint(query, spec.plan) }
  return { runner, beginning: stored === undefined ? beginning : null }
}

/** What is stored of the query; undefined where there is nothing or it is to be rebuilt. */
function usableState(query: QueryPlan, { plan, rebuild }: JobSpec, store: JobStore): StoredQuery | undefined {
  if (rebuild === 'all' || rebuild?.includes(query.name) === true) return undefined
  const stored = store.queries().find((candidate) => candidate.query === query.name)
  if (stored !== undefined && stored.fingerprint !== stateFingerprint(query, plan))
    throw new MysimbdpError('MSB_STATE_FINGERPRINT', `query '${query.name}' has changed since its state was written`, {
      where: { query: query.name },
    })
  return stored
}

/** Whether no record was placed in the log since the state was begun; otherwise it is made anew, and needs nobody to say so. */
async function hasSeenRepairs({ positions }: StoredQuery, log: StreamReader): Promise<boolean> {
  for (const { partition, revision } of positions) if (revision !== (await log.bounds(partition)).revision) return false
  return true
}

export const stateFingerprint = (query: QueryPlan, plan: AppPlan): string =>
  `${STATE_FORMAT}:${fingerprint(query, plan.timeZone)}`

/** Semantics 7.3: state must not have seen what the log does not hold. */
function requireWithinLog(query: string, position: Position, { end, generations }: PartitionBounds): void {
  const index = generations.findIndex(({ id }) => id === position.generation)
  const seenEnd = index < 0 ? Number.NEGATIVE_INFINITY : (generations[index + 1]?.firstOffset ?? end)
  if (position.offset <= seenEnd) return
  const why =
    index < 0
      ? 'it was made with a log that this one does not continue'
      : `it has read to offset ${position.offset}, and that part of the log ends at ${seenEnd}`
  throw new MysimbdpError(
    'MSB_STATE_AHEAD_OF_LOG',
    `the state of query '${query}' does not belong to this log: ${why}`,
    { where: { query, partition: position.partition } },
  )
}
