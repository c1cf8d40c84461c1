/** Where results are served from. Reading does not disturb the job that writes them. */
export interface ResultReader {
  /** The rows of a query by window start; within a window in no particular order. Read lazily: there may be more than fit in memory. */
  rows(query: string): Iterable<ServedRow>
  rowCount(query: string): number
  /** Records that missed a window, by partition and offset. */
  late(query: string): Iterable<ServedLateRecord>
  lateRecords(query: string): number
  close(): void
}

export interface ServedRow {
  readonly key: string
  readonly windowStart: number | null
  readonly windowEnd: number | null
  /** JSON text (semantics 6.1). */
  readonly row: string
}

export interface ServedLateRecord {
  readonly partition: number
  readonly offset: number
  readonly eventTimeMs: number
  readonly windows: readonly number[]
  readonly record: string
}
