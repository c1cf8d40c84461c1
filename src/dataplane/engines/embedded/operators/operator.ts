import type { LoggedBatch } from '../../../records/record-batch.ts'
import type { QueryChanges, StoredQueryState } from '../state/job-store.ts'

/** The running form of a query: takes batches in log order, and answers at each commit what changed. */
export interface Operator {
  /**
   * @param delayMs what the partition's greatest event time is lowered by to decide lateness in this batch; Infinity: nothing is late
   */
  process(batch: LoggedBatch, delayMs: number): void
  /** Changes since the last call; their rows and state are to be taken before the next batch. Windows whose end <= `watermarkMs` (the minimum over partitions; Infinity at the end of bounded input) close first. */
  takeChanges(watermarkMs: number): QueryChanges
  /** End of the first window that has records and is not closed, epoch ms; null for none. */
  readonly openWindowEndMs: number | null
  /** What memory holds of its open groups, by estimate. */
  readonly stateBytes: number
  /** Groups that were written to the disk for want of memory, since it was made; one for each time and pane. */
  readonly spilledGroups: number
  restore(state: StoredQueryState): void
}
