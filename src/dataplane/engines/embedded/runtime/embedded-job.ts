import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { faultPoint } from '#foundation/faults/fault-points.ts'
import { fingerprint } from '#language/plan/fingerprint.ts'
import { type AppPlan, type QueryPlan, sourceOf, windowAggregateOf } from '#language/plan/plan.ts'
import { planToJson } from '#language/plan/plan-json.ts'
import type { PartitionBounds, StreamReader } from '../../../brokers/broker.ts'
import type { RejectedInput } from '../../../brokers/changelog.ts'
import type { LoggedBatch } from '../../../records/record-batch.ts'
import type { Job, JobSpec, JobStatus, ReadBatch, StreamPosition } from '../../engine.ts'
import { StateBudget, type StateOverflow } from '../operators/state-budget.ts'
import { BatchSharing } from '../sharing/batch-sharing.ts'
import {
  type JobStore,
  type LostBeginning,
  PLAN_FACT,
  type Position,
  type QueryCommit,
  type StoredQuery,
} from '../state/job-store.ts'
import { STATE_FORMAT } from '../state/sqlite-job-store.ts'
import { CommittedRows } from './committed-rows.ts'
import { hasSeenRepairs, lostBeginning, requireWithinLog } from './log-fit.ts'
import { furthestBehind, greatestOffset, leastOffset } from './partition-progress.ts'
import { QueryRunner } from './query-runner.ts'

/** Records read between two commits. */
const COMMIT_RECORDS = 32_768
/** Read at once of one of several partitions: so far may one be ahead of another. */
const PIECE_RECORDS = 4096
/** For the state of all queries of a job, unless its spec says otherwise. */
const STATE_MEMORY_BYTES = 32 * 2 ** 20

/** All queries of one app in one job: each stream is read once, and one transaction commits what all queries made of it. */
export class EmbeddedJob implements Job {
  readonly #streams: ReadonlyMap<string, StreamReader>
  readonly #store: JobStore
  readonly #runners: readonly QueryRunner[]
  readonly #onCommitBegun: NonNullable<JobSpec['onCommitBegun']>
  readonly #onCommit: NonNullable<JobSpec['onCommit']>
  readonly #followed: boolean
  readonly #plan: AppPlan
  #durablePositions: readonly StreamPosition[] = []
  /** What is to be done with what is stored before the first step. */
  readonly #beginnings: readonly Beginning[]
  #begun = false
  /** What was read since the last commit. */
  #read: ReadBatch[] = []
  /** Rejected records among them, where the log leaves it to the job to keep them. */
  #rejected: RejectedInput[] = []

  private constructor(
    { plan, streams, onCommitBegun, onCommit }: JobSpec,
    store: JobStore,
    opened: readonly OpenedQuery[],
  ) {
    this.#plan = plan
    this.#streams = streams
    this.#store = store
    this.#runners = opened.map(({ runner }) => runner)
    const names = new Set(opened.map(({ runner }) => runner.name))
    const gone = store.queries().filter(({ query }) => !names.has(query))
    this.#beginnings = [
      ...opened.map(({ beginning }) => beginning).filter((beginning) => beginning !== null),
      ...gone.map(
        ({ query }) =>
          () =>
            store.removeQuery(query),
      ),
    ]
    this.#onCommitBegun = onCommitBegun ?? (() => {})
    this.#onCommit = onCommit ?? (() => {})
    this.#followed = onCommit !== undefined
  }

  static async open(spec: JobSpec, store: JobStore): Promise<EmbeddedJob> {
    const opened: OpenedQuery[] = []
    const sharing = new Map(
      [...spec.streams.keys()].map((stream) => [stream, new BatchSharing({ recordTexts: store.keepsLate })]),
    )
    const budget = new StateBudget(spec.stateMemoryBytes ?? STATE_MEMORY_BYTES)
    for (const query of spec.plan.queries) {
      const state = store.spilledState(query.name)
      const overflow = state && { budget, state }
      opened.push(await openQuery(query, spec, store, sharing.get(sourceOf(query.output).stream)!, overflow))
    }
    return new EmbeddedJob(spec, store, opened)
  }

  get status(): JobStatus {
    return { queries: this.#runners.map(({ status }) => status) }
  }

  checkpoint(): void {
    if (!this.#store.checkpoint()) return
    this.#durablePositions = this.#positions()
  }

  /** Up to where all queries of each stream have read. */
  #positions(): StreamPosition[] {
    return [...this.#streams].flatMap(([stream, { spec }]) => {
      const runners = this.#runners.filter((runner) => runner.stream === stream)
      return Array.from({ length: spec.partitions }, (_, partition) => ({
        stream,
        partition,
        offset: leastOffset(runners, partition),
      }))
    })
  }

  get durablePositions(): readonly StreamPosition[] {
    return this.#durablePositions
  }

  async step(): Promise<boolean> {
    await this.#begin()
    let advanced = false
    for (const [name, log] of this.#streams) advanced = (await this.#readStream(name, log)) || advanced
    if (!advanced) return false
    await this.#commit(this.#runners.map((runner) => this.#takeCommit(runner)).filter((commit) => commit !== undefined))
    return true
  }

  #takeCommit(runner: QueryRunner): QueryCommit | undefined {
    const commit = runner.takeCommit()
    if (commit === undefined || !runner.rowsLeave) return commit
    const carried = this.#store.carriedKeys(runner.name, commit.closedUpToMs)
    return carried.length === 0 ? commit : { ...commit, removedKeys: [...commit.removedKeys, ...carried] }
  }

  /**
   * Answers whether anything was new: records, or an idle mark. The partition furthest behind in event time is read first, and the others wait while it has unread
   * records: it holds their windows open, which would pile up (semantics 2.4). One at its end keeps nobody waiting.
   */
  async #readStream(name: string, log: StreamReader): Promise<boolean> {
    const runners = this.#runners.filter(({ stream }) => stream === name)
    const { partitions } = log.spec
    const furthest = Array.from({ length: partitions }, (_, partition) => greatestOffset(runners, partition))
    const ended = new Set<number>()
    let [read, advanced] = [0, false]
    while (read < COMMIT_RECORDS) {
      const partition = furthestBehind(runners, partitions, ended)
      if (partition === null) break
      const from = leastOffset(runners, partition)
      const wanted = Math.min(COMMIT_RECORDS - read, partitions === 1 ? COMMIT_RECORDS : PIECE_RECORDS)
      const batches = await log.read(partition, from, wanted)
      const bounds = await log.bounds(partition)
      if (batches.length > 0) {
        faultPoint('job.batch-read')
        for (const batch of batches) this.#process(batch, runners, bounds, name, furthest[partition]!)
        advanced = true
      }
      const next = leastOffset(runners, partition)
      read += next - from
      if (batches.length > 0 && next < bounds.end) continue
      ended.add(partition)
      for (const runner of runners) advanced = runner.reachEnd(partition, bounds.end, bounds.maxEventTime) || advanced
    }
    return advanced
  }

  #process(
    batch: LoggedBatch,
    runners: readonly QueryRunner[],
    { generations }: PartitionBounds,
    stream: string,
    furthest: number,
  ): void {
    for (const runner of runners) runner.process(batch, generations.at(-1)!.id)
    // What another query read before is being computed anew: it did not arrive just now.
    if (batch.baseOffset >= furthest) {
      this.#read.push({ stream, records: batch.received, arrivalMs: batch.arrivalMs })
      for (const record of batch.rejected ?? []) this.#rejected.push({ stream, batch, record })
    }
    faultPoint('job.batch-processed')
  }

  async finish(): Promise<void> {
    await this.#begin()
    await this.#commit(this.#runners.map((runner) => runner.takeLastCommit()))
    faultPoint('job.windows-closed')
  }

  /**
   * What is stored changes when the job begins to run, not when it is opened and may yet be refused. The
   * generation comes last: whoever reads results of this generation must not see what was to be forgotten.
   */
  async #begin(): Promise<void> {
    if (this.#begun) return
    this.#begun = true
    this.#store.setFact(PLAN_FACT, planToJson(this.#plan))
    for (const begin of this.#beginnings) await begin()
    this.#onCommit({ position: this.#store.beginGeneration(), changes: [], read: [] })
  }

  async #commit(commits: readonly QueryCommit[]): Promise<void> {
    this.#onCommitBegun()
    const committed = commits.map((commit) => new CommittedRows(commit, { wanted: this.#followed }))
    const [read, rejected] = [this.#read, this.#rejected]
    this.#read = []
    this.#rejected = []
    const position = await this.#store.commit(
      committed.map(({ commit }) => commit),
      { rejected, positions: this.#positions() },
    )
    const changes = committed.map((rows) => rows.changes).filter((changed) => changed !== null)
    this.#onCommit({ position, changes, read })
  }

  async close(): Promise<void> {
    await this.#store.close()
  }
}

/** Makes what is stored of a query fit: forgets it, or lets the query go on with it. */
type Beginning = () => void | Promise<void>

interface OpenedQuery {
  readonly runner: QueryRunner
  /** Null when it goes on from what is stored. */
  readonly beginning: Beginning | null
}

async function openQuery(
  query: QueryPlan,
  spec: JobSpec,
  store: JobStore,
  sharing: BatchSharing,
  overflow: StateOverflow | null,
): Promise<OpenedQuery> {
  const log = spec.streams.get(sourceOf(query.output).stream)!
  const kept = usableState(query, spec, store)
  const stored = kept !== undefined && (await hasSeenRepairs(kept, log)) ? kept : undefined
  const bounds: PartitionBounds[] = []
  for (let partition = 0; partition < log.spec.partitions; partition++) bounds.push(await log.bounds(partition))
  const positions = bounds.map((found, partition): Position => {
    const known = stored?.positions.find((position) => position.partition === partition)
    if (known !== undefined) requireWithinLog(query.name, known, found)
    if (known !== undefined) log.resumeAt?.(partition, known.offset, known.maxEventTime)
    const { start, generations, maxEventTimeBeforeStart: maxEventTime, revision } = found
    return known ?? { partition, offset: start, generation: generations.at(-1)!.id, maxEventTime, revision }
  })
  const lost = lostBeginning(bounds, reachOf(query))
  const { lateRecords, boundMs } = stored ?? { lateRecords: 0, boundMs: lost.boundMs }
  const known = { lateRecords, boundMs, positions }
  const runner = new QueryRunner(query, spec.plan.timeZone, spec.lateness, known, sharing, overflow)
  if (stored === undefined)
    return { runner, beginning: () => begin(runner, stateFingerprint(query, spec.plan), store, lost) }
  runner.restore(store.loadState(query.name))
  return { runner, beginning: adoption(query, spec.plan, stored, store) }
}

/** Without the records before it a session seems to begin up to a gap after the last of them. */
function reachOf({ output }: QueryPlan): number {
  const window = windowAggregateOf(output)?.window
  return window?.kind === 'session' ? window.gapMs : 0
}

async function begin(runner: QueryRunner, wanted: string, store: JobStore, lost: LostBeginning): Promise<void> {
  runner.carryOver(await store.resetQuery(runner.name, wanted, lost))
}

/** Lets a query that changed go on with what is stored of it; null for one that did not. */
function adoption(query: QueryPlan, plan: AppPlan, stored: StoredQuery, store: JobStore): Beginning | null {
  const { name, output } = query
  const wanted = stateFingerprint(query, plan)
  if (stored.fingerprint === wanted) return null
  return () => store.adoptQuery(name, wanted, { closedOnly: output.mode === 'append' })
}

/** What is stored of the query; undefined where there is nothing or it is to be rebuilt. */
function usableState(query: QueryPlan, { plan, rebuild, keep }: JobSpec, store: JobStore): StoredQuery | undefined {
  if (rebuild === 'all' || rebuild?.includes(query.name) === true) return undefined
  const stored = store.queries().find((candidate) => candidate.query === query.name)
  const kept = keep?.includes(query.name) === true
  if (stored !== undefined && stored.fingerprint !== stateFingerprint(query, plan) && !kept)
    throw new MysimbdpError('MSB_STATE_FINGERPRINT', `query '${query.name}' has changed since its state was written`, {
      where: { query: query.name },
    })
  // What was registered and has committed nothing yet begins with the log as it is now.
  return stored?.positions.length === 0 ? undefined : stored
}

export const stateFingerprint = (query: QueryPlan, plan: AppPlan): string =>
  `${STATE_FORMAT}:${fingerprint(query, plan.timeZone)}`
