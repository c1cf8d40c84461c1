import type { BatchSharing } from '../sharing/batch-sharing.ts'
import type { SharedRelation } from '../sharing/shared-relation.ts'
import { type Aggregation, compileAggregation } from './aggregation.ts'
import type { CompileOptions, QueryParts } from './window-aggregate-program.ts'

/** A query with session windows, compiled: what its operator needs to know. */
export interface SessionProgram extends Aggregation {
  readonly sharing: BatchSharing
  readonly relation: SharedRelation
  readonly gapMs: number
  /** Sessions that begin at or before it have no row (semantics 7.5); -Infinity for none. */
  readonly boundMs: number
  readonly timeZone: string
}

export const compileSession = (
  { node, relation, sharing, timeZone }: QueryParts,
  gapMs: number,
  { boundMs }: CompileOptions,
): SessionProgram => ({ ...compileAggregation(node, relation), sharing, relation, gapMs, boundMs, timeZone })
