import { nodesOf, type QueryPlan, windowAggregateOf } from '#language/plan/plan.ts'
import type { Operator } from '../operators/operator.ts'
import { RecordOperator } from '../operators/record-operator.ts'
import { WindowAggregateOperator } from '../operators/window-aggregate-operator.ts'
import { compileRelation } from './relation.ts'
import { type CompileOptions, compileWindowAggregate } from './window-aggregate-program.ts'

/** A plan that this engine supports, as an operator without state. */
export function compileQuery(query: QueryPlan, timeZone: string, options: CompileOptions): Operator {
  if (windowAggregateOf(query.output) === undefined)
    return new RecordOperator(compileRelation(nodesOf(query.output)), timeZone)
  return new WindowAggregateOperator(compileWindowAggregate(query.output, timeZone, options))
}
