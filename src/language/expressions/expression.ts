import type { FieldType } from '../schemas/field-types.ts'

/**
 * Expressions of a plan: plain frozen data. A literal's value is written so that JSON keeps it exactly:
 * long and decimal as text ("12.50"), timestamp as epoch ms, date as ISO text, null as null.
 */
export type Expression =
  | { readonly kind: 'Field'; readonly name: string }
  | { readonly kind: 'Literal'; readonly type: FieldType; readonly value: string | number | boolean | null }
  | { readonly kind: 'Call'; readonly function: FunctionName; readonly arguments: readonly Expression[] }
  | { readonly kind: 'Cast'; readonly type: FieldType; readonly argument: Expression }
  | { readonly kind: 'Case'; readonly branches: readonly CaseBranch[]; readonly otherwise: Expression | null }
  | { readonly kind: 'Aggregate'; readonly function: AggregateName; readonly argument: Expression | null }

export interface CaseBranch {
  readonly when: Expression
  readonly then: Expression
}

export type ExpressionKind = Expression['kind']
export type AggregateCall = Extract<Expression, { kind: 'Aggregate' }>

/** `argument` is the counted, summed, … value; null only for count(). countIf takes a boolean. */
export type AggregateName = 'count' | 'countIf' | 'sum' | 'avg' | 'min' | 'max' | 'first' | 'last'

export type FunctionName =
  // comparison: null when a side is null
  | 'equal'
  | 'notEqual'
  | 'less'
  | 'lessOrEqual'
  | 'greater'
  | 'greaterOrEqual'
  // three-valued logic
  | 'and'
  | 'or'
  | 'not'
  // arithmetic: overflow and division by zero give null; divide gives double
  | 'add'
  | 'subtract'
  | 'multiply'
  | 'divide'
  | 'modulo'
  | 'negate'
  | 'abs'
  // round(value, literal int): decimals half away from zero; doubles half up on the shortest decimal text
  | 'round'
  | 'floor'
  | 'ceil'
  | 'isNull'
  | 'isNotNull'
  | 'coalesce'
  // strings; substring(text, 1-based start, length) and length count Unicode code points
  | 'lower'
  | 'upper'
  | 'trim'
  | 'length'
  | 'substring'
  | 'concat'
  | 'contains'
  | 'startsWith'
  | 'endsWith'
  // parts of a timestamp in a time zone: (timestamp, literal zone name); dayOfWeek is 1 Monday to 7 Sunday
  | 'year'
  | 'month'
  | 'dayOfMonth'
  | 'hour'
  | 'minute'
  | 'dayOfWeek'
