import { nodesOf, type QueryPlan, sourceOf, windowAggregateOf } from '#language/plan/plan.ts'
import { DeduplicatingOperator } from '../operators/deduplication/deduplicating-operator.ts'
import { heldStateLimit } from '../operators/held-state.ts'
import type { Operator } from '../operators/operator.ts'
import { RecordOperator } from '../operators/record-operator.ts'
import { SessionOperator } from '../operators/sessions/session-operator.ts'
import type { StateOverflow } from '../operators/state-budget.ts'
import { WindowAggregateOperator } from '../operators/window-aggregate-operator.ts'
import { BatchSharing } from '../sharing/batch-sharing.ts'
import { SharedRelation } from '../sharing/shared-relation.ts'
import { compileSession } from './session-program.ts'
import { type CompileOptions, compileWindowAggregate } from './window-aggregate-program.ts'

/**
 * A plan that this engine supports, as an operator without state. Queries of one stream share work when they are given the same `sharing`; one that
 * deduplicates has a relation of its own.
 */
export function compileQuery(
  query: QueryPlan,
  timeZone: string,
  options: CompileOptions,
  sharing = new BatchSharing(),
  overflow: StateOverflow | null = null,
): Operator {
  const nodes = nodesOf(query.output)
  const context = { timeZone, options, sharing, overflow }
  if (!nodes.some(({ kind }) => kind === 'Deduplicate')) return compileRows(query, sharing.relation(nodes), context)
  const delayMs = options.watermarkDelayMs ?? sourceOf(query.output).watermarkDelayMs ?? Number.POSITIVE_INFINITY
  return new DeduplicatingOperator({ delayMs, sharing, limit: heldStateLimit(query.name, overflow) }, (steps) => {
    const relation = new SharedRelation(nodes, steps)
    return { relation, behind: compileRows(query, relation, context) }
  })
}

interface CompileContext {
  readonly timeZone: string
  readonly options: CompileOptions
  readonly sharing: BatchSharing
  readonly overflow: StateOverflow | null
}

/** What makes rows of the records of a relation. */
function compileRows(
  { name, output }: QueryPlan,
  relation: SharedRelation,
  { timeZone, options, sharing, overflow }: CompileContext,
): Operator {
  const node = windowAggregateOf(output)
  if (node === undefined) return new RecordOperator(relation, timeZone)
  const parts = { output, node, relation, sharing, timeZone }
  const { window } = node
  return window.kind === 'session'
    ? new SessionOperator(compileSession(parts, window.gapMs, options), heldStateLimit(name, overflow))
    : new WindowAggregateOperator(compileWindowAggregate(parts, window, options), overflow)
}
