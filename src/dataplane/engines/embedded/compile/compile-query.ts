import { nodesOf, type QueryPlan, windowAggregateOf } from '#language/plan/plan.ts'
import { heldStateLimit } from '../operators/held-state.ts'
import type { Operator } from '../operators/operator.ts'
import { RecordOperator } from '../operators/record-operator.ts'
import { SessionOperator } from '../operators/sessions/session-operator.ts'
import type { StateOverflow } from '../operators/state-budget.ts'
import { WindowAggregateOperator } from '../operators/window-aggregate-operator.ts'
import { BatchSharing } from '../sharing/batch-sharing.ts'
import { compileSession } from './session-program.ts'
import { type CompileOptions, compileWindowAggregate } from './window-aggregate-program.ts'

/** A plan that this engine supports, as an operator without state. Queries of one stream share work when they are given the same `sharing`. */
export function compileQuery(
  { name, output }: QueryPlan,
  timeZone: string,
  options: CompileOptions,
  sharing = new BatchSharing(),
  overflow: StateOverflow | null = null,
): Operator {
  const relation = sharing.relation(nodesOf(output))
  const node = windowAggregateOf(output)
  if (node === undefined) return new RecordOperator(relation, timeZone)
  const parts = { output, node, relation, sharing, timeZone }
  const { window } = node
  return window.kind === 'session'
    ? new SessionOperator(compileSession(parts, window.gapMs, options), heldStateLimit(name, overflow))
    : new WindowAggregateOperator(compileWindowAggregate(parts, window, options), overflow)
}
