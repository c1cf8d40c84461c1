/** Where results are served from. Reading does not disturb the job that writes them. */
export interface ResultReader {
  /** The rows of a query by window start; within a window in no particular order. Read lazily: there may be more than fit in memory. */
  rows(query: string): Iterable<ServedRow>
  rowCount(query: string): number
  /** Rows whose window starts in [fromMs, toMs), with this key, at most the newest `limit` of them; by window start. */
  selectRows(query: string, selection: RowSelection): readonly ServedRow[]
  /** Records that missed a window, by partition and offset. */
  late(query: string): Iterable<ServedLateRecord>
  lateRecords(query: string): number
  close(): void
}

export interface RowSelection {
  readonly fromMs?: number
  readonly toMs?: number
  readonly key?: string
  readonly limit: number
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

export interface ServedLateRecord {
  readonly partition: number
  readonly offset: number
  readonly eventTimeMs: number
  readonly windows: readonly number[]
  readonly record: string
}
