import type { JobCommit, JobStatus } from '#dataplane/engines/engine.ts'
import { Histogram, type HistogramData } from '#foundation/observability/histogram.ts'
import type { Clock } from '#foundation/time/clock.ts'

/** What a job did since its thread started. */
export interface JobFigures {
  /** When counting began, epoch ms. */
  readonly sinceMs: number
  /** Epoch ms; null when nothing was committed since then. */
  readonly lastCommitMs: number | null
  /** Transactions of the state file, and how long they took. */
  readonly commitSeconds: HistogramData
  /** From the arrival of a record in the log until results that count it are committed, record by record. */
  readonly latencySeconds: HistogramData
  readonly queries: ReadonlyMap<string, QueryFigures>
}

export interface QueryFigures {
  /** Received records, rejected ones included. */
  readonly recordsRead: number
  readonly rowsWritten: number
  readonly rowsRemoved: number
}

interface QueryCounts {
  recordsRead: number
  rowsWritten: number
  rowsRemoved: number
  /** Offsets of all partitions together, at the last commit. */
  readTo: number
}

/** Counts what a job does; the work is once for each batch and commit, not for each record. */
export class JobCounters {
  readonly #clock: Clock
  readonly #sinceMs: number
  readonly #commitSeconds = new Histogram()
  readonly #latencySeconds = new Histogram()
  readonly #queries = new Map<string, QueryCounts>()
  #commitBegunMs: number | null = null
  #lastCommitMs: number | null = null

  constructor(clock: Clock) {
    this.#clock = clock
    this.#sinceMs = clock.nowMs()
  }

  /** The job as it was opened: what it had read before is not counted. */
  begin({ queries }: JobStatus): void {
    for (const { query, positions } of queries)
      this.#queries.set(query, { recordsRead: 0, rowsWritten: 0, rowsRemoved: 0, readTo: readTo(positions) })
  }

  commitBegun(): void {
    this.#commitBegunMs = this.#clock.monotonicMs()
  }

  committed({ changes, read }: JobCommit, { queries }: JobStatus): void {
    // The job says that it has begun as if that were a commit.
    if (this.#commitBegunMs === null) return
    this.#commitSeconds.observe((this.#clock.monotonicMs() - this.#commitBegunMs) / 1000)
    this.#commitBegunMs = null
    const nowMs = this.#clock.nowMs()
    this.#lastCommitMs = nowMs
    for (const { arrivalMs, records } of read)
      this.#latencySeconds.observe(Math.max(nowMs - arrivalMs, 0) / 1000, records)
    for (const { query, positions } of queries) {
      const counts = this.#queries.get(query)!
      counts.recordsRead += readTo(positions) - counts.readTo
      counts.readTo = readTo(positions)
    }
    for (const { query, rowsWritten, removedKeys } of changes) {
      const counts = this.#queries.get(query)!
      counts.rowsWritten += rowsWritten
      counts.rowsRemoved += removedKeys.length
    }
  }

  get figures(): JobFigures {
    const queries = [...this.#queries].map(([query, { recordsRead, rowsWritten, rowsRemoved }]) => {
      return [query, { recordsRead, rowsWritten, rowsRemoved }] as const
    })
    return {
      sinceMs: this.#sinceMs,
      lastCommitMs: this.#lastCommitMs,
      commitSeconds: this.#commitSeconds.data,
      latencySeconds: this.#latencySeconds.data,
      queries: new Map(queries),
    }
  }
}

const readTo = (positions: JobStatus['queries'][number]['positions']): number =>
  positions.reduce((sum, { offset }) => sum + offset, 0)
