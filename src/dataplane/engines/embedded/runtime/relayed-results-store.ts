import type { AppPlan } from '#language/plan/plan.ts'
import { planToJson } from '#language/plan/plan-json.ts'
import type { Changelog } from '../../../brokers/changelog.ts'
import type { CommitPosition } from '../../../sinks/sink.ts'
import type { JobCommit } from '../../engine.ts'
import type { RelayedCommit, RelayedQuery, RelayedResults } from '../../relayed-results.ts'
import { windowOf } from '../state/job-copy.ts'
import { NO_STATE, PLAN_FACT, type Position, type QueryCommit, type ResultRow } from '../state/job-store.ts'
import { ReplicatedJobStore } from '../state/replicated-job-store.ts'
import { CommittedRows } from './committed-rows.ts'

/** Results of another engine in the place of those of a job here: the same topics, the same file, the same fencing. Their only state is how far they were read. */
export class RelayedResultsStore implements RelayedResults {
  readonly #store: ReplicatedJobStore

  private constructor(store: ReplicatedJobStore) {
    this.#store = store
  }

  /** @throws MSB_STATE_DAMAGED, MSB_STORAGE_FAILED, and what the changelog throws */
  static async open(path: string, changelog: Changelog): Promise<RelayedResultsStore> {
    return new RelayedResultsStore(await ReplicatedJobStore.open(path, changelog))
  }

  queries(): readonly RelayedQuery[] {
    return this.#store.queries().map(({ query, fingerprint, positions: [position] }) => ({
      query,
      origin: fingerprint,
      readTo: position === undefined ? null : { logId: position.generation, offset: position.offset },
    }))
  }

  rowOf(query: string, key: string): string | null {
    return this.#store.rowOf(query, key)
  }

  async reset(query: string, origin: string): Promise<void> {
    await this.#store.resetQuery(query, origin)
  }

  adopt(query: string, origin: string): Promise<void> {
    return this.#store.adoptQuery(query, origin, { closedOnly: false })
  }

  remove(query: string): Promise<void> {
    return this.#store.removeQuery(query)
  }

  begin(plan: AppPlan): CommitPosition {
    this.#store.setFact(PLAN_FACT, planToJson(plan))
    return this.#store.beginGeneration()
  }

  async commit(commits: readonly RelayedCommit[]): Promise<JobCommit> {
    const committed = commits.map((commit) => new CommittedRows(queryCommitOf(commit), { wanted: true }))
    const position = await this.#store.commit(committed.map(({ commit }) => commit))
    const changes = committed.map((rows) => rows.changes).filter((changed) => changed !== null)
    return { position, changes, read: [] }
  }

  checkpoint(): void {
    this.#store.checkpoint()
  }

  close(): Promise<void> {
    return this.#store.close()
  }
}

function queryCommitOf({ query, readTo, closedUpToMs, rows, removedKeys }: RelayedCommit): QueryCommit {
  const position: Position = {
    partition: 0,
    offset: readTo.offset,
    generation: readTo.logId,
    maxEventTime: Number.NEGATIVE_INFINITY,
    revision: 0,
  }
  return {
    query,
    positions: [position],
    closedUpToMs,
    rows: rows.map(resultRowOf),
    removedKeys,
    late: [],
    takeState: () => NO_STATE,
  }
}

function resultRowOf({ key, row }: { readonly key: string; readonly row: string }): ResultRow {
  const [windowStart, windowEnd] = windowOf(row)
  return { key, windowStart, windowEnd, row }
}
