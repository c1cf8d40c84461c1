import { faultPoint } from '#foundation/faults/fault-points.ts'
import type { Changelog, ChangelogPlaces, ResultEntry } from '../../../brokers/changelog.ts'
import type { CommitPosition } from '../../../sinks/sink.ts'
import { differences, JobCopy } from './job-copy.ts'
import type {
  CommittedInput,
  JobStore,
  LostBeginning,
  QueryCommit,
  StateChanges,
  StoredQuery,
  StoredQueryState,
} from './job-store.ts'
import { SqliteJobStore } from './sqlite-job-store.ts'
import { entriesOfCommit } from './state-entries.ts'

/** How far the copy in the file has come in the changelog; empty while that is not known. */
const PLACES_FACT = 'changelog'

const NO_INPUT: CommittedInput = { rejected: [], positions: [] }

/** A commit whose rows and state were read: it is written twice. */
interface TakenCommit extends QueryCommit {
  readonly state: StateChanges
}

/**
 * A job's state in a changelog, one transaction of it for each commit, and a file as a copy of it that is read. What the changelog has committed
 * counts: the file comes second, may lag behind, and is brought up to date, or filled from nothing, when it is opened.
 */
export class ReplicatedJobStore implements JobStore {
  readonly keepsLate = true
  readonly #changelog: Changelog
  readonly #file: SqliteJobStore
  readonly #copy: JobCopy

  private constructor(changelog: Changelog, file: SqliteJobStore, copy: JobCopy) {
    this.#changelog = changelog
    this.#file = file
    this.#copy = copy
  }

  /**
   * Takes the job over from whoever ran it, then makes the file at `path` the copy of what is committed.
   * @throws MSB_STATE_DAMAGED, MSB_STORAGE_FAILED, and what the changelog throws
   */
  static async open(path: string, changelog: Changelog): Promise<ReplicatedJobStore> {
    await changelog.takeOver()
    const file = new SqliteJobStore(path)
    const copy = new JobCopy(path)
    const store = new ReplicatedJobStore(changelog, file, copy)
    try {
      await store.#catchUp()
      return store
    } catch (error) {
      copy.close()
      file.close()
      throw error
    }
  }

  async #catchUp(): Promise<void> {
    const places = this.#file.fact(PLACES_FACT) ?? ''
    for await (const part of this.#changelog.read(places === '' ? null : places)) {
      if (part.restarted) {
        this.#place('')
        this.#copy.clear()
      }
      this.#copy.apply(part)
      this.#place(part.places)
      faultPoint('job.changelog-restored')
    }
  }

  #place(places: ChangelogPlaces): void {
    this.#file.setFact(PLACES_FACT, places)
  }

  queries(): readonly StoredQuery[] {
    return this.#file.queries()
  }

  loadState(query: string): StoredQueryState {
    return this.#file.loadState(query)
  }

  /** A changelog holds all of the state, and a file that is a copy of it nothing else: here it has to fit into memory. */
  spilledState(): null {
    return null
  }

  rowOf(query: string, key: string): string | null {
    return this.#file.rowOf(query, key)
  }

  carriedKeys(query: string, upToMs: number): readonly string[] {
    return this.#file.carriedKeys(query, upToMs)
  }

  resetQuery(query: string, fingerprint: string, lost?: LostBeginning): Promise<number> {
    return this.#change(query, () => this.#file.resetQuery(query, fingerprint, lost))
  }

  adoptQuery(query: string, fingerprint: string, options: { readonly closedOnly: boolean }): Promise<void> {
    return this.#change(query, () => this.#file.adoptQuery(query, fingerprint, options))
  }

  removeQuery(query: string): Promise<void> {
    return this.#change(query, () => this.#file.removeQuery(query))
  }

  /** Here the file comes first, since it knows what goes; until the changelog has followed, the file is no copy of anything. */
  async #change<Result>(query: string, work: () => Result): Promise<Result> {
    const before = this.#copy.entriesOf(query)
    this.#place('')
    const result = work()
    const changes = differences(query, before, this.#copy.entriesOf(query))
    this.#place(await this.#changelog.write({ ...changes, ...NO_INPUT }))
    return result
  }

  beginGeneration(): CommitPosition {
    return this.#file.beginGeneration()
  }

  async commit(commits: readonly QueryCommit[], input: CommittedInput = NO_INPUT): Promise<CommitPosition> {
    const taken = commits.map((commit): TakenCommit => {
      const rows = [...commit.rows]
      const state = commit.takeState({ stored: true })
      return { ...commit, rows, state, takeState: () => state }
    })
    const known = new Map(this.#file.queries().map((query) => [query.query, query]))
    const stateEntries = taken.flatMap((commit) => [...entriesOfCommit(commit, commit.state, known.get(commit.query)!)])
    faultPoint('job.changelog-begun')
    const places = await this.#changelog.write({ ...input, state: stateEntries, results: resultsOf(taken) })
    faultPoint('job.changelog-committed')
    const position = this.#file.commit(taken)
    this.#place(places)
    return position
  }

  checkpoint(): boolean {
    return this.#file.checkpoint()
  }

  /** Facts are of this file alone: they are set again by whoever runs the job elsewhere. */
  fact(name: string): string | undefined {
    return this.#file.fact(name)
  }

  setFact(name: string, value: string): void {
    this.#file.setFact(name, value)
  }

  async close(): Promise<void> {
    this.#copy.close()
    this.#file.close()
    await this.#changelog.close()
  }
}

/** Rows that a commit puts, and keys that it removes: a key is in one of them only. */
function* resultsOf(commits: readonly QueryCommit[]): Iterable<ResultEntry> {
  for (const { query, rows, removedKeys } of commits) {
    for (const { key, row } of rows) yield { query, key, row }
    for (const key of removedKeys) yield { query, key, row: null }
  }
}
