import { nodesOf, type QueryPlan, windowAggregateOf } from '#language/plan/plan.ts'
import type { Operator } from '../operators/operator.ts'
import { RecordOperator } from '../operators/record-operator.ts'
import type { StateOverflow } from '../operators/state-budget.ts'
import { WindowAggregateOperator } from '../operators/window-aggregate-operator.ts'
import { BatchSharing } from '../sharing/batch-sharing.ts'
import { type CompileOptions, compileWindowAggregate } from './window-aggregate-program.ts'

/** A plan that this engine supports, as an operator without state. Queries of one stream share work when they are given the same `sharing`. */
export function compileQuery(
  { output }: QueryPlan,
  timeZone: string,
  options: CompileOptions,
  sharing = new BatchSharing(),
  overflow: StateOverflow | null = null,
): Operator {
  if (windowAggregateOf(output) === undefined) return new RecordOperator(sharing.relation(nodesOf(output)), timeZone)
  return new WindowAggregateOperator(compileWindowAggregate(output, timeZone, options, sharing), overflow)
}
