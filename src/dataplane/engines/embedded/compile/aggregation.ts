import { compileExpression, type EvaluationScope } from '#language/expressions/compile-expression.ts'
import type { Evaluator } from '#language/expressions/evaluator.ts'
import type { AggregateCall } from '#language/expressions/expression.ts'
import { aggregateScope, type Columns } from '#language/plan/check-plan.ts'
import { aggregateCallsOf, type WindowAggregateNode } from '#language/plan/plan.ts'
import type { FieldType } from '#language/schemas/field-types.ts'
import type { Accumulator } from '../operators/accumulators/accumulator.ts'
import { createAccumulator } from '../operators/accumulators/create-accumulator.ts'
import type { GroupField } from '../operators/group-keys.ts'
import type { KeyCodes } from '../sharing/key-codes/key-codes.ts'
import type { SharedArgument } from '../sharing/shared-argument.ts'
import type { SharedRelation } from '../sharing/shared-relation.ts'

/** Where a result field finds the aggregates of its group. */
export interface ResultContext {
  readonly accumulators: readonly Accumulator[]
  readonly slot: number
}

/** Groups and aggregates of a windowed query, compiled, whatever its windows are. */
export interface Aggregation {
  readonly groupBy: readonly GroupField[]
  /** Null without group keys. */
  readonly keyCodes: KeyCodes | null
  /** The argument of each aggregate, null for count(). In the order of the accumulators. */
  readonly arguments: readonly (SharedArgument | null)[]
  /** Whether count() is the one aggregate. */
  readonly onlyCounts: boolean
  createAccumulators(): readonly Accumulator[]
  readonly results: readonly {
    readonly name: string
    readonly type: FieldType
    readonly evaluate: Evaluator<ResultContext>
  }[]
}

export function compileAggregation(node: WindowAggregateNode, relation: SharedRelation): Aggregation {
  const calls = aggregateCallsOf(node.columns)
  const arguments_ = calls.map(({ argument }) => (argument === null ? null : relation.argument(argument)))
  const scope = resultScope(relation.columns, calls)
  return {
    groupBy: node.groupBy.map((name) => ({ name, type: relation.columns.get(name)! })),
    keyCodes: node.groupBy.length === 0 ? null : relation.keyCodes(node.groupBy),
    arguments: arguments_,
    onlyCounts: calls.length === 1 && calls[0]!.function === 'count',
    createAccumulators: () => calls.map((call, i) => createAccumulator(call.function, arguments_[i]?.type ?? null)),
    results: node.columns.map(({ name, expression }) => ({ name, ...compileExpression(expression, scope) })),
  }
}

function resultScope(columns: Columns, calls: readonly AggregateCall[]): EvaluationScope<ResultContext> {
  const index = new Map(calls.map((call, i) => [JSON.stringify(call), i]))
  return {
    ...aggregateScope(columns),
    readField: (name) => {
      throw new TypeError(`field ${name} in a result expression passed the plan check`)
    },
    readAggregate: (call) => {
      const i = index.get(JSON.stringify(call))!
      return ({ accumulators, slot }) => accumulators[i]!.result(slot)
    },
  }
}
