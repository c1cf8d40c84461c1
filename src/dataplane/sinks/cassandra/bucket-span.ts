import { type OutputNode, windowAggregateOf } from '#language/plan/plan.ts'
import type { Window } from '#language/windows/window.ts'

/** Rows that a bucket, one partition of the table, should hold: far below what Cassandra bears, and enough to be worth a reading. */
const ROWS_PER_BUCKET = 50_000
/** Groups that are expected in a window of a query that has any. */
const GROUPS_EXPECTED = 1000
const [SECOND_MS, MINUTE_MS, HOUR_MS, DAY_MS] = [1000, 60_000, 3_600_000, 86_400_000]
/** Spans a person can think in. */
const SPANS_MS = [
  SECOND_MS,
  10 * SECOND_MS,
  MINUTE_MS,
  10 * MINUTE_MS,
  HOUR_MS,
  6 * HOUR_MS,
  DAY_MS,
  7 * DAY_MS,
  30 * DAY_MS,
  365 * DAY_MS,
]

/**
 * How far a bucket reaches: ms of window starts, or offsets for a query without windows.
 * @param groups how many groups a window has; an estimate when absent
 */
export function bucketSpanOf(output: OutputNode, groups?: number): number {
  const aggregate = windowAggregateOf(output)
  if (aggregate === undefined) return ROWS_PER_BUCKET
  const rowsPerWindow = aggregate.groupBy.length === 0 ? 1 : (groups ?? GROUPS_EXPECTED)
  const wishedMs = (betweenStartsMs(aggregate.window) * ROWS_PER_BUCKET) / rowsPerWindow
  return SPANS_MS.findLast((spanMs) => spanMs <= wishedMs) ?? SPANS_MS[0]!
}

/** Ms from the start of a window to the start of the next, roughly. */
function betweenStartsMs(window: Window): number {
  switch (window.kind) {
    case 'tumbling':
      return window.sizeMs
    case 'sliding':
      return window.slideMs
    case 'session':
      return window.gapMs
    case 'calendar':
      return { day: 1, week: 7, month: 30, quarter: 91, year: 365 }[window.unit] * DAY_MS
  }
}
