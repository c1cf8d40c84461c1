import type { OutputMode, OutputNode, WindowAggregateNode } from '#language/plan/plan.ts'
import type { Window } from '#language/windows/window.ts'
import { type WindowPanes, windowPanes, windowsAfter } from '#language/windows/window-panes.ts'
import type { BatchSharing } from '../sharing/batch-sharing.ts'
import type { PaneRuns } from '../sharing/pane-runs.ts'
import type { SharedRelation } from '../sharing/shared-relation.ts'
import { type Aggregation, compileAggregation } from './aggregation.ts'

/** A query with windows that time alone cuts, compiled: what its operator needs to know. */
export interface WindowAggregateProgram extends Aggregation {
  readonly sharing: BatchSharing
  readonly relation: SharedRelation
  readonly windows: WindowPanes
  readonly paneRuns: PaneRuns
  /** Earlier records are in no window that is computed (semantics 7.5). */
  readonly fromMs: number
  readonly mode: OutputMode
  /** How long after its end a window stays open: 0, or what complete says. */
  readonly keepMs: number
  /** A bounded run keeps the rows of complete (semantics 2.5). */
  readonly keepAllRows: boolean
  readonly timeZone: string
}

export interface CompileOptions {
  readonly keepAllRows: boolean
  /** Only windows that start after it are computed; -Infinity for all. */
  readonly boundMs: number
  /** What the greatest event time is lowered by to give the watermark, Infinity when nothing is late; as the stream says when absent. */
  readonly watermarkDelayMs?: number
}

/** The parts of a query that its operator is made of. */
export interface QueryParts {
  readonly output: OutputNode
  readonly node: WindowAggregateNode
  readonly relation: SharedRelation
  readonly sharing: BatchSharing
  readonly timeZone: string
}

export function compileWindowAggregate(
  { output, node, relation, sharing, timeZone }: QueryParts,
  window: Exclude<Window, { kind: 'session' }>,
  { keepAllRows, boundMs }: CompileOptions,
): WindowAggregateProgram {
  const windows = windowPanes(window)
  return {
    ...compileAggregation(node, relation),
    sharing,
    relation,
    windows: windowsAfter(boundMs, windows),
    paneRuns: relation.paneRuns(window),
    fromMs: boundMs === Number.NEGATIVE_INFINITY ? boundMs : windows.paneOf(boundMs).end,
    mode: output.mode,
    keepMs: output.mode === 'complete' ? (output.keepMs ?? Number.POSITIVE_INFINITY) : 0,
    keepAllRows,
    timeZone,
  }
}
