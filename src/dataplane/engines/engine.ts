import type { Capabilities } from '#language/plan/capabilities.ts'
import type { AppPlan } from '#language/plan/plan.ts'
import type { StreamReader } from '../brokers/broker.ts'
import type { LoggedBatch } from '../records/record-batch.ts'
import type { CommitPosition } from '../sinks/sink.ts'
import type { RemoteLetters, RemoteQuery } from './remote-query.ts'

/** What runs the queries of an app: reads its streams' logs and keeps its results. */
export interface Engine {
  readonly capabilities: Capabilities
  /**
   * Opens the job of an app where it stopped, or at the start of the log. Nothing that is stored changes before its first step.
   * @throws MSB_PLAN_UNSUPPORTED, MSB_STATE_FINGERPRINT, MSB_STATE_AHEAD_OF_LOG, MSB_STATE_DAMAGED;
   *   MSB_LOG_OFFSET_OUT_OF_RANGE when the log has lost records that a query needs (semantics 7.5), as has a step
   */
  openJob(spec: JobSpec): Promise<Job>

  /**
   * How many records of a batch each query of its stream would find late (live, semantics 2.3), filters included. It looks at nothing but
   * the batch: `maxEventTimeBefore` says how far the partition is.
   */
  lateRecords(plan: AppPlan, stream: string, batch: LoggedBatch): ReadonlyMap<string, number>
}

export interface JobSpec {
  readonly plan: AppPlan
  /** The log of each stream the app reads, by stream name. */
  readonly streams: ReadonlyMap<string, StreamReader>
  readonly lateness: Lateness
  /** Queries to forget and compute anew from the start of the log; with their state of whatever version. */
  readonly rebuild?: readonly string[] | 'all'
  /** Queries that go on with the state they have although they changed: only how their rows come out did. */
  readonly keep?: readonly string[]
  /** Memory for the open groups of all queries, by estimate; 32 MiB by default. What does not fit lies on the disk, and changes no result. */
  readonly stateMemoryBytes?: number
  /** Called when a commit begins: from then to `onCommit` it is being written. Must not throw. */
  readonly onCommitBegun?: () => void
  /** Called when the job begins to run, and after each commit. Must not throw. */
  readonly onCommit?: (commit: JobCommit) => void
}

/** A commit of a job, or, with sequence 0 and no changes, that it has begun. */
export interface JobCommit {
  readonly position: CommitPosition
  readonly changes: readonly CommittedChanges[]
  /** The batches that this commit made count for the first time in any query, in the order they were read. */
  readonly read: readonly ReadBatch[]
}

export interface ReadBatch {
  readonly stream: string
  /** Received records, rejected ones included. */
  readonly records: number
  /** When the log appended them, epoch ms. */
  readonly arrivalMs: number
}

/** What a commit changed in the results of a query. */
export interface CommittedChanges {
  readonly query: string
  /** Null when they are too many to be handed around: the results have them. */
  readonly rows: readonly { readonly key: string; readonly windowStart: number | null; readonly row: string }[] | null
  readonly rowsWritten: number
  readonly removedKeys: readonly string[]
}

/**
 * `watermark`: live, rule 2.2 on. `as-stream`: the same over bounded input, whose rows are all kept. `none`: bounded input, nothing is late.
 */
export type Lateness = 'watermark' | 'as-stream' | 'none'

export interface Job {
  /** Reads and commits one piece of what is unread; false when nothing was. */
  step(): Promise<boolean>
  /** The end of bounded input: all windows close. */
  finish(): Promise<void>
  readonly status: JobStatus
  /** Brings what was committed onto the disk, as far as nobody who reads results is in the way: `durablePositions` move on. */
  checkpoint(): void
  /**
   * Up to where the job has read what it will never ask for again, whatever happens: the least offset over its queries, for each partition. A commit
   * alone is not enough, a power cut may undo it. Empty until the first checkpoint.
   */
  readonly durablePositions: readonly StreamPosition[]
  close(): Promise<void>
}

export interface StreamPosition {
  readonly stream: string
  readonly partition: number
  readonly offset: number
}

export interface JobStatus {
  readonly queries: readonly QueryStatus[]
  /** Who writes the dead letters of each stream that keeps them, where that is another server. */
  readonly deadLetters?: readonly RemoteLetters[]
}

export interface QueryStatus {
  readonly query: string
  readonly lateRecords: number
  readonly positions: readonly { readonly partition: number; readonly offset: number; readonly maxEventTime: number }[]
  /** Windows that end at or before this are closed (complete: their rows have left); -Infinity before the first. Epoch ms. */
  readonly closedUpToMs: number
  /** End of the first window that has records and is not closed, epoch ms; null for none. */
  readonly openWindowEndMs: number | null
  /** What memory holds of open groups, by estimate. */
  readonly stateBytes: number
  /** Groups that were written to the disk for want of memory since the job was opened, one for each time and pane. */
  readonly spilledGroups: number
  /** What the server tells of it that runs it, where that is another process. */
  readonly remote?: RemoteQuery
}
