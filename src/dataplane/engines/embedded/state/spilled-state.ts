import type { Span } from '#language/windows/window-panes.ts'

/** The panes that windows share, or the patches of single windows. */
export type StoreName = 'pane' | 'patch'

/** The aggregates of a group in a pane, with all that a row of it needs. */
export interface SpilledGroup {
  /** As in `Group`. */
  readonly key: string
  readonly fields: string
  /** What the accumulators wrote. */
  readonly body: Uint8Array
}

/**
 * Panes of a query for which memory has no room. What memory holds of a group in a pane is newer than what lies here, which need not be removed when it is
 * read. `put` and `dropUpTo` belong to the commit in which they are called; what is read is what was committed, or put since.
 */
export interface SpilledState {
  /** Start of the first pane that begins after a time; null for none. */
  nextStart(store: StoreName, afterMs: number): number | null
  /** Start of the last pane; null for none. */
  lastStart(store: StoreName): number | null
  find(store: StoreName, paneStart: number, key: string): Uint8Array | undefined
  /** The groups of a window's panes and patches, one by one: those of one key follow each other, panes by start and then patches. */
  ofWindow(window: Span): Iterable<SpilledGroup>
  put(store: StoreName, paneStart: number, group: SpilledGroup): void
  /** Forgets the panes that begin at or before a time. */
  dropUpTo(store: StoreName, lastStart: number): void
}
