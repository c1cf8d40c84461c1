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

  private constructor({ streams, onCommit }: JobSpec, store: JobStore, runners: readonly QueryRunner[]) {
    this.#streams = streams
    this.#store = store
    this.#runners = runners
    this.#onCommit = onCommit ?? (() => {})
  }

  static async open(spec: JobSpec, store: JobStore): Promise<EmbeddedJob> {
    // A refusal must come before anything is forgotten.
    for (const query of spec.plan.queries) requireSameMeaning(query, spec, store)
    const runners: QueryRunner[] = []
    for (const query of spec.plan.queries) runners.push(await openRunner(query, spec, store))
    return new EmbeddedJob(spec, store, runners)
  }

  get status(): JobStatus {
    return {
      queries: this.#runners.map(({ name, lateRecords, positions }) => ({ query: name, lateRecords, positions })),
    }
  }

  async step(): Promise<boolean> {
    let read = 0
    for (const [name, log] of this.#streams) read += await this.#readStream(name, log)
    if (read === 0) return false
    this.#commit(this.#runners.map((runner) => runner.takeCommit()).filter((commit) => commit !== undefined))
    return true
  }

  async #readStream(name: string, log: StreamReader): Promise<number> {
    const runners = this.#runners.filter(({ stream }) => stream === name)
    let read = 0
    for (const partition of partitionsByProgress(runners, log.spec.partitions)) {
      const from = Math.min(...runners.map(({ positions }) => positions[partition]!.offset))
      const batches = await log.read(partition, from, COMMIT_RECORDS)
      if (batches.length === 0) continue
      faultPoint('job.batch-read')
      const generation = (await log.bounds(partition)).generations.at(-1)!.id
      for (const batch of batches) {
        for (const runner of runners) runner.process(batch, generation)
        read += batch.received
        faultPoint('job.batch-processed')
      }
    }
    return read
  }

  async finish(): Promise<void> {
    this.#commit(this.#runners.map((runner) => runner.takeLastCommit()))
    faultPoint('job.windows-closed')
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

async function openRunner(query: QueryPlan, spec: JobSpec, store: JobStore): Promise<QueryRunner> {
  const log = spec.streams.get(sourceOf(query.output).stream)!
  const stored = prepareQuery(query, spec, store)
  const positions: Position[] = []
  for (let partition = 0; partition < log.spec.partitions; partition++) {
    const bounds = await log.bounds(partition)
    const known = stored.positions.find((position) => position.partition === partition)
    if (known !== undefined) requireWithinLog(query.name, known, bounds)
    positions.push(
      known ?? {
        partition,
        offset: bounds.start,
        generation: bounds.generations.at(-1)!.id,
        maxEventTime: bounds.maxEventTimeBeforeStart,
      },
    )
  }
  const runner = new QueryRunner(query, spec.plan.timeZone, spec.lateness, stored, positions)
  runner.restore(store.loadState(query.name))
  return runner
}

const storedQuery = (name: string, store: JobStore): StoredQuery | undefined =>
  store.queries().find(({ query }) => query === name)

const toBeRebuilt = (name: string, { rebuild }: JobSpec): boolean =>
  rebuild === 'all' || rebuild?.includes(name) === true

function requireSameMeaning(query: QueryPlan, spec: JobSpec, store: JobStore): void {
  const stored = storedQuery(query.name, store)
  if (
    stored === undefined ||
    toBeRebuilt(query.name, spec) ||
    stored.fingerprint === stateFingerprint(query, spec.plan)
  )
    return
  throw new MysimbdpError('MSB_STATE_FINGERPRINT', `query '${query.name}' has changed since its state was written`, {
    where: { query: query.name },
  })
}

/** What is stored of the query, or a new beginning when there is nothing or it is to be rebuilt. */
function prepareQuery(query: QueryPlan, spec: JobSpec, store: JobStore): StoredQuery {
  const stored = storedQuery(query.name, store)
  if (stored !== undefined && !toBeRebuilt(query.name, spec)) return stored
  const wanted = stateFingerprint(query, spec.plan)
  store.resetQuery(query.name, wanted)
  return { query: query.name, fingerprint: wanted, lateRecords: 0, positions: [] }
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
