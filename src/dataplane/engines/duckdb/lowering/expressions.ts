import type { AggregateCall, Expression, ExpressionKind } from '#language/expressions/expression.ts'
import { requireLowering } from '../../lowering-table.ts'
import { lowerCast } from './casts.ts'
import { functionLowerings } from './functions.ts'
import { lowerLiteral } from './literals.ts'
import { meetingType, type TypedSql, widen } from './typed-sql.ts'

/** Where names come from: columns before a window, aggregates behind it. */
export interface LoweringScope {
  field(name: string): TypedSql
  aggregate(call: AggregateCall): TypedSql
}

type LowerExpression<K extends ExpressionKind> = (
  expression: Extract<Expression, { kind: K }>,
  scope: LoweringScope,
) => TypedSql

const expressionLowerings: { readonly [K in ExpressionKind]: LowerExpression<K> } = {
  Field: ({ name }, scope) => scope.field(name),
  Literal: lowerLiteral,
  Aggregate: (call, scope) => scope.aggregate(call),
  Cast: ({ argument, type }, scope) => lowerCast(lowerExpression(argument, scope), type),
  Call: ({ function: name, arguments: args }, scope) => {
    const lower = requireLowering('duckdb', functionLowerings[name], `function ${name}`)
    return lower(
      args.map((argument) => lowerExpression(argument, scope)),
      args.map((argument) => (argument.kind === 'Literal' ? argument.value : undefined)),
    )
  },
  Case: ({ branches, otherwise }, scope) => {
    const whens = branches.map(({ when }) => lowerExpression(when, scope).sql)
    const thens = branches.map(({ then }) => lowerExpression(then, scope))
    const last = otherwise === null ? null : lowerExpression(otherwise, scope)
    const type = [...thens, ...(last === null ? [] : [last])].map((value) => value.type).reduce(meetingType)
    const arms = thens.map((then, i) => `WHEN ${whens[i]} THEN ${widen(then, type).sql}`)
    return { sql: `CASE ${arms.join(' ')} ELSE ${last === null ? 'NULL' : widen(last, type).sql} END`, type }
  },
}

export function lowerExpression(expression: Expression, scope: LoweringScope): TypedSql {
  const lower = expressionLowerings[expression.kind] as (expression: Expression, scope: LoweringScope) => TypedSql
  return lower(expression, scope)
}
