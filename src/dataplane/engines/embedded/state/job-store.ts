import type { RejectedInput } from '../../../brokers/changelog.ts'
import type { CommitPosition } from '../../../sinks/sink.ts'
import type { StreamPosition } from '../../engine.ts'
import type { Group } from '../operators/group-keys.ts'
import type { StoredPage } from '../operators/pane-store.ts'
import type { SpilledState } from './spilled-state.ts'

/**
 * Where a job keeps everything it must not lose or repeat: results, late output, positions and operator state. One commit changes
 * all of it or nothing. On SQLite that is a transaction of one file; on Kafka a transaction over topics.
 */
export interface JobStore {
  /** Whether late records are kept; otherwise they are only counted. */
  readonly keepsLate: boolean
  queries(): readonly StoredQuery[]
  loadState(query: string): StoredQueryState
  /** Where the query's state goes that memory has no room for; null where all of it has to fit. */
  spilledState(query: string): SpilledState | null
  /**
   * Registers a query, or forgets what is stored of it and registers it anew: it starts from the beginning of the log. What the log has lost of its
   * beginning is not forgotten but carried over (semantics 7.5). Answers how many late records are.
   */
  resetQuery(query: string, fingerprint: string, lost?: LostBeginning): Awaitable<number>
  /** Keys of carried rows whose window ends at or before this: they leave a complete result when it closes. */
  carriedKeys(query: string, upToMs: number): readonly string[]
  /** Lets a query that changed go on with what is stored of it. `closedOnly`: rows of windows that are still open leave. */
  adoptQuery(query: string, fingerprint: string, options: { readonly closedOnly: boolean }): Awaitable<void>
  /** Forgets all that is stored of a query that is no more. */
  removeQuery(query: string): Awaitable<void>
  /** Begins the generation that this opening of the store is. What was committed before belongs to another one. */
  beginGeneration(): CommitPosition
  /** Answers the place of this commit, which is stored with it. `input`: records whose log does not keep them, for stores that do. */
  commit(commits: readonly QueryCommit[], input?: CommittedInput): Awaitable<CommitPosition>
  /** Brings all commits so far onto the disk; false when readers of the results were in the way. */
  checkpoint(): boolean
  /** Facts about the job as a whole, as text: which run made this folder, whether it is finished. */
  fact(name: string): string | undefined
  setFact(name: string, value: string): void
  close(): Awaitable<void>
}

/** A store in a file of this process answers at once; one behind a network cannot. */
type Awaitable<T> = T | Promise<T>

/** What a commit keeps of its input, where the log leaves that to the job. */
export interface CommittedInput {
  readonly rejected: readonly RejectedInput[]
  /** Up to where all queries have read. */
  readonly positions: readonly StreamPosition[]
}

/** What a log no longer holds when a query begins on it. */
export interface LostBeginning {
  /** Greatest event time of the lost records: windows that start at or before it cannot be computed. -Infinity when nothing is lost. */
  readonly boundMs: number
  /** Offset of the first record that is there, by partition. */
  readonly starts: readonly number[]
}

export const NOTHING_LOST: LostBeginning = { boundMs: Number.NEGATIVE_INFINITY, starts: [] }

/** Facts that those who read results look for: where the job's commits stand (JSON of a CommitPosition), and the plan it runs (JSON). */
export const COMMIT_FACT = 'commit'
export const PLAN_FACT = 'plan'

export interface StoredQuery {
  readonly query: string
  readonly fingerprint: string
  readonly lateRecords: number
  /** As of the `LostBeginning` with which it began. */
  readonly boundMs: number
  readonly positions: readonly Position[]
}

/** How far a query has read a partition, and what it knows of it. */
export interface Position {
  readonly partition: number
  /** Offset of the next record. */
  readonly offset: number
  /** The log's generation in which that offset was seen. */
  readonly generation: string
  /** Greatest event time of the accepted records read so far; -Infinity for none. */
  readonly maxEventTime: number
  /** The log's revision when this was begun: records that were placed later are not in it. */
  readonly revision: number
}

export interface StoredQueryState {
  /** All windows that end at or before this are closed; -Infinity at the start. */
  readonly closedUpToMs: number
  readonly groups: readonly Group[]
  readonly panes: readonly StoredPage[]
  readonly patches: readonly StoredPage[]
  readonly keys: readonly StoredPage[]
}

export interface QueryCommit extends QueryChanges {
  readonly query: string
  readonly positions: readonly Position[]
}

/** What a query changed since its last commit. */
export interface QueryChanges {
  readonly closedUpToMs: number
  /** Made one by one while they are read, so that a commit of many rows takes no memory for them. Gone once `takeState` was called. */
  readonly rows: Iterable<ResultRow>
  /** Keys whose rows leave the result. */
  readonly removedKeys: readonly string[]
  readonly late: readonly LateRecord[]
  /**
   * What changed in the query's state. To be called once, inside the commit, after the rows were read: the state that they are made of goes, and what memory has no
   * room for is put where the store keeps spilled state. Not `stored`: nothing is to be written but that.
   */
  takeState(options: { readonly stored: boolean }): StateChanges
}

export interface StateChanges {
  readonly groups: { readonly added: readonly Group[]; readonly removed: readonly number[] }
  /** Of panes, or of open sessions. */
  readonly panes: PageChanges
  readonly patches: PageChanges
  /** Of keys of deduplication. */
  readonly keys: PageChanges
}

export interface PageChanges {
  readonly written: readonly StoredPage[]
  readonly dropped: readonly number[]
}

export const NO_PAGES: PageChanges = { written: [], dropped: [] }
export const NO_STATE: StateChanges = {
  groups: { added: [], removed: [] },
  panes: NO_PAGES,
  patches: NO_PAGES,
  keys: NO_PAGES,
}

export interface ResultRow {
  readonly key: string
  /** Null for a query without window. */
  readonly windowStart: number | null
  readonly windowEnd: number | null
  /** The row as JSON text (semantics 6.1). */
  readonly row: string
}

export interface LateRecord {
  readonly partition: number
  readonly offset: number
  readonly eventTimeMs: number
  /** Starts of the windows it missed; none when it was late for deduplication. */
  readonly windows: readonly number[]
  /** The record as JSON text. */
  readonly record: string
}
