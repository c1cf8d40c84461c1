import type { FieldType, Value } from '../schemas/field-types.ts'

/** Computes an expression for one context: a row of a batch, or the aggregates of a group. */
export type Evaluator<Context> = (context: Context) => Value

export interface CompiledExpression<Context> {
  readonly type: FieldType
  readonly evaluate: Evaluator<Context>
}
