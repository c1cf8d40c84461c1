import type { FieldType } from '../schemas/field-types.ts'
import { cast } from './casts.ts'
import { compileCall, widened } from './compile-call.ts'
import type { CompiledExpression, Evaluator } from './evaluator.ts'
import type { AggregateCall, Expression } from './expression.ts'
import { literalValue } from './literals.ts'
import { type TypeScope, typeOf } from './type-of.ts'

/** Where the values of names come from. */
export interface EvaluationScope<Context> extends TypeScope {
  readField(name: string): Evaluator<Context>
  readAggregate(call: AggregateCall): Evaluator<Context>
}

/** Turns an expression into a closure, types and lookups resolved once. Never throws when evaluated (semantics 4.5). */
export function compileExpression<Context>(
  expression: Expression,
  scope: EvaluationScope<Context>,
): CompiledExpression<Context> {
  const type = typeOf(expression, scope)
  return { type, evaluate: compile(expression, type, scope) }
}

function compile<Context>(
  expression: Expression,
  type: FieldType,
  scope: EvaluationScope<Context>,
): Evaluator<Context> {
  switch (expression.kind) {
    case 'Field':
      return scope.readField(expression.name)
    case 'Aggregate':
      return scope.readAggregate(expression)
    case 'Literal': {
      const value = literalValue(expression)
      return () => value
    }
    case 'Cast': {
      const argument = compileExpression(expression.argument, scope)
      return (context) => cast(argument.evaluate(context), argument.type, type)
    }
    case 'Case':
      return compileCase(expression, type, scope)
    case 'Call': {
      const operands = expression.arguments.map((argument) => compileExpression(argument, scope))
      return compileCall(expression.function, operands, type)
    }
  }
}

function compileCase<Context>(
  expression: Extract<Expression, { kind: 'Case' }>,
  type: FieldType,
  scope: EvaluationScope<Context>,
): Evaluator<Context> {
  const branches = expression.branches.map(({ when, then }) => ({
    when: compileExpression(when, scope).evaluate,
    // biome-ignore lint/suspicious/noThenProperty: a branch of the plan is called that
    then: widened(compileExpression(then, scope), type),
  }))
  const otherwise: Evaluator<Context> =
    expression.otherwise === null ? () => null : widened(compileExpression(expression.otherwise, scope), type)
  return (context) => {
    for (const branch of branches) if (branch.when(context) === true) return branch.then(context)
    return otherwise(context)
  }
}
