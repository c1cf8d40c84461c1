import { typeName } from '../schemas/field-types.ts'
import type { Expression, FunctionName } from './expression.ts'

const INFIX: Partial<Record<FunctionName, string>> = {
  equal: '=',
  notEqual: '<>',
  less: '<',
  lessOrEqual: '<=',
  greater: '>',
  greaterOrEqual: '>=',
  and: 'and',
  or: 'or',
  add: '+',
  subtract: '-',
  multiply: '*',
  divide: '/',
  modulo: '%',
}

/** An expression as `explain` prints it: `round(sum(fare), 2)`, `fare > 5.00 and company = 'Flash Cab'`. */
export function expressionText(expression: Expression): string {
  switch (expression.kind) {
    case 'Field':
      return expression.name
    case 'Literal':
      return literalText(expression)
    case 'Call':
      return callText(expression)
    case 'Cast':
      return `cast(${expressionText(expression.argument)} as ${typeName(expression.type)})`
    case 'Case': {
      const branches = expression.branches.map(
        ({ when, then }) => `when ${expressionText(when)} then ${expressionText(then)}`,
      )
      const otherwise = expression.otherwise === null ? '' : ` else ${expressionText(expression.otherwise)}`
      return `case ${branches.join(' ')}${otherwise} end`
    }
    case 'Aggregate':
      return `${expression.function}(${expression.argument === null ? '' : expressionText(expression.argument)})`
  }
}

function literalText({ type, value }: Extract<Expression, { kind: 'Literal' }>): string {
  if (typeof value !== 'string' || type.kind === 'long' || type.kind === 'decimal') return String(value)
  return `'${value.replaceAll("'", "''")}'`
}

function callText(call: Extract<Expression, { kind: 'Call' }>): string {
  const operator = INFIX[call.function]
  if (operator === undefined) return `${call.function}(${call.arguments.map(expressionText).join(', ')})`
  return call.arguments
    .map((argument) =>
      argument.kind === 'Call' && INFIX[argument.function] !== undefined
        ? `(${expressionText(argument)})`
        : expressionText(argument),
    )
    .join(` ${operator} `)
}
