import type { AppPlan } from '#language/plan/plan.ts'
import type { CommitPosition } from '../sinks/sink.ts'
import type { JobCommit } from './engine.ts'

/**
 * Results that another process computes and gives over in a log that may repeat itself: where they are kept, with how far that log was read. A commit changes
 * both or neither, and whoever opens them refuses the writer before.
 */
export interface RelayedResults {
  queries(): readonly RelayedQuery[]
  /** The row that is committed under a key (semantics 6.3); null for none. */
  rowOf(query: string, key: string): string | null
  /** Forgets the rows of a query, if there are any, and registers it. */
  reset(query: string, origin: string): Promise<void>
  /** Lets a query go on with its rows, under another origin. */
  adopt(query: string, origin: string): Promise<void>
  /** Forgets a query that is no more. */
  remove(query: string): Promise<void>
  /** Begins the generation that this opening is, of the results of this plan. */
  begin(plan: AppPlan): CommitPosition
  /** @throws MSB_KAFKA_FENCED when another instance has taken the results over; an empty commit does not find that out */
  commit(commits: readonly RelayedCommit[]): Promise<JobCommit>
  /** Brings all commits so far onto the disk. */
  checkpoint(): void
  close(): Promise<void>
}

export interface RelayedQuery {
  readonly query: string
  /** Text of whoever computes it that says of what computation the rows are. */
  readonly origin: string
  /** Null before the first commit. */
  readonly readTo: LogPlace | null
}

/** A place in the log in which results are given over. */
export interface LogPlace {
  /** Another one for a log that was deleted and made again. */
  readonly logId: string
  /** Offset of the next row. */
  readonly offset: number
}

export interface RelayedCommit {
  readonly query: string
  readonly readTo: LogPlace
  /** Windows that end at or before this are closed; -Infinity before the first. Epoch ms. */
  readonly closedUpToMs: number
  /** By key, as JSON text (semantics 6.1). A key is in one of the two only. */
  readonly rows: readonly { readonly key: string; readonly row: string }[]
  readonly removedKeys: readonly string[]
}
