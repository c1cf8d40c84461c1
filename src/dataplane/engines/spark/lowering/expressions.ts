import type { AggregateCall, Expression, ExpressionKind } from '#language/expressions/expression.ts'
import { type TypeScope, typeOf } from '#language/expressions/type-of.ts'
import { type FieldType, SUM_PRECISION_MAX } from '#language/schemas/field-types.ts'
import { requireLowering } from '../../lowering-table.ts'
import { lowerCast } from './casts.ts'
import { SPARK } from './engine-name.ts'
import { functionLowerings } from './functions.ts'
import { lowerLiteral } from './literals.ts'
import { type TypedSql, widen } from './typed-sql.ts'

/** Where names come from: columns before a window, aggregates behind it. */
export interface LoweringScope {
  field(name: string): TypedSql
  aggregate(call: AggregateCall): TypedSql
}

type LowerExpression<K extends ExpressionKind> = (
  expression: Extract<Expression, { kind: K }>,
  scope: LoweringScope,
) => TypedSql

/** The language has checked the plan, with its narrower limit for what is computed from records. */
const typesOf = (scope: LoweringScope): TypeScope => ({
  field: (name) => scope.field(name).type,
  aggregate: (call) => scope.aggregate(call).type,
  precisionMax: SUM_PRECISION_MAX,
})

const expressionLowerings: { readonly [K in ExpressionKind]: LowerExpression<K> } = {
  Field: ({ name }, scope) => scope.field(name),
  Literal: lowerLiteral,
  Aggregate: (call, scope) => scope.aggregate(call),
  Cast: ({ argument, type }, scope) => lowerCast(lowerExpression(argument, scope), type),
  Call: (expression, scope) => {
    const { function: name, arguments: written } = expression
    const lower = requireLowering(SPARK, functionLowerings[name], `function ${name}`)
    const type: FieldType = typeOf(expression, typesOf(scope))
    const operands = written.map((argument) => lowerExpression(argument, scope))
    return { sql: lower(operands, type, written), type }
  },
  Case: (expression, scope) => {
    const type = typeOf(expression, typesOf(scope))
    const { branches, otherwise } = expression
    const arms = branches.map(
      ({ when, then }) => `WHEN ${lowerExpression(when, scope).sql} THEN ${widen(lowerExpression(then, scope), type)}`,
    )
    const last = otherwise === null ? 'NULL' : widen(lowerExpression(otherwise, scope), type)
    return { sql: `CASE ${arms.join(' ')} ELSE ${last} END`, type }
  },
}

export function lowerExpression(expression: Expression, scope: LoweringScope): TypedSql {
  const lower = expressionLowerings[expression.kind] as (expression: Expression, scope: LoweringScope) => TypedSql
  return lower(expression, scope)
}
