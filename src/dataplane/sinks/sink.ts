import type { AppPlan } from '#language/plan/plan.ts'

/** What listing results needs. A store across a network implements this much: its answers come later, and it knows nothing of the job. */
export interface RowReader {
  /** The rows of a query by window start; within a window in no particular order. Read lazily: there may be more than fit in memory. */
  rows(query: string): Iterable<ServedRow> | AsyncIterable<ServedRow>
  rowCount(query: string): number | Promise<number>
  /** As in ResultReader; the same order each time, so that a reading can go on behind a row. */
  select(query: string, selection: RowSelection): Iterable<ServedRow> | AsyncIterable<ServedRow>
  /** Absent where one reading cannot see the results as one commit left them. */
  hold?(): CommitPosition | undefined
  close(): void | Promise<void>
}

/** Where a job's own results are served from. Reading does not disturb the job that writes them. */
export interface ResultReader extends RowReader {
  /** The rows of a query by window start; within a window in no particular order. Read lazily: there may be more than fit in memory. */
  rows(query: string): Iterable<ServedRow>
  rowCount(query: string): number
  /** Rows by window start, then by key; read lazily. The text of a key orders by its length first, so that offsets order as numbers. */
  select(query: string, selection: RowSelection): Iterable<ServedRow>
  /** Records that missed a window or were late for deduplication, by partition and offset. */
  late(query: string, from?: RecordPlace): Iterable<ServedLateRecord>
  lateRecords(query: string): number
  /** From now on every reading sees the results as one commit left them. Answers which; undefined when no job has begun. */
  hold(): CommitPosition | undefined
  /** The app as the job last ran it; undefined when no job has begun. */
  plan(): AppPlan | undefined
  close(): void
}

/** A place in the order of a job's commits. */
export interface CommitPosition {
  /** The opening of the job's state: each has an id of its own. */
  readonly generation: string
  /** Commits of a generation are numbered from 1; 0 is its beginning. */
  readonly sequence: number
}

/** What is asked for of a query's rows; what is absent does not matter. */
export interface RowSelection {
  /** Of the window's start, in epoch ms: from here on, and before there. */
  readonly fromMs?: number
  readonly toMs?: number
  readonly key?: string
  /** Only rows behind this place, whether or not a row is still there. */
  readonly after?: PlaceInResults
  readonly newestFirst?: boolean
}

export type PlaceInResults = Pick<ServedRow, 'windowStart' | 'key'>

/** The place of a record in its stream's log. */
export interface RecordPlace {
  readonly partition: number
  readonly offset: number
}

export interface ServedRow {
  readonly key: string
  readonly windowStart: number | null
  readonly windowEnd: number | null
  /** JSON text (semantics 6.1). */
  readonly row: string
  /** From before a rebuild, of a window whose records the log no longer holds (semantics 7.5). */
  readonly carriedOver: boolean
}

export interface ServedLateRecord extends RecordPlace {
  readonly eventTimeMs: number
  /** Starts of the windows it missed, in epoch ms; none when it was late for deduplication. */
  readonly windows: readonly number[]
  /** JSON text. */
  readonly record: string
}
