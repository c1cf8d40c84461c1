import { cast } from '#language/expressions/casts.ts'
import type { Expression, FunctionName } from '#language/expressions/expression.ts'
import { literalValue } from '#language/expressions/literals.ts'
import { commonType, typeOf } from '#language/expressions/type-of.ts'
import { type Columns, recordScope } from '#language/plan/check-plan.ts'
import { type FieldType, INT_MAX, isNumeric } from '#language/schemas/field-types.ts'
import type { Column } from '../../../../records/record-batch.ts'
import type { LaneProgram, NumberLane, TruthLane } from './lane.ts'
import {
  combinedNumbers,
  constantNumbers,
  fieldNumbers,
  firstNumbers,
  mappedNumbers,
  type NumberOperation,
  scaledNumbers,
  scaleOf,
  widenedNumbers,
} from './number-lanes.ts'
import {
  bothTruths,
  comparedNumbers,
  comparedTexts,
  eitherTruth,
  fieldNullTruths,
  fieldTruths,
  type Holds,
  oppositeTruths,
  truthColumn,
} from './truth-lanes.ts'

type Call = Extract<Expression, { kind: 'Call' }>
type Numbers = LaneProgram<NumberLane>
type Truths = LaneProgram<TruthLane>

/** A computed column by lanes; the program answers null where the expression has none, or a batch is not for lanes. */
export function compileLaneColumn(expression: Expression, type: FieldType, columns: Columns): LaneProgram<Column> {
  if (type.kind === 'boolean') {
    const truths = compileTruths(expression, columns)
    return truths === null ? () => null : truthColumn(truths)
  }
  const numbers = compileNumbers(expression, columns)
  return (input) => {
    const lane = numbers?.(input) ?? null
    return lane === null ? null : { layout: 'float64', ...lane }
  }
}

/** The lane of a boolean expression; null for one that has none. */
export function compileTruths(expression: Expression, columns: Columns): Truths | null {
  if (expression.kind === 'Field') return fieldTruths(expression.name)
  if (expression.kind !== 'Call') return null
  const [a, b] = expression.arguments
  switch (expression.function) {
    case 'and':
    case 'or':
      return both(
        compileTruths(a!, columns),
        compileTruths(b!, columns),
        {
          and: bothTruths,
          or: eitherTruth,
        }[expression.function],
      )
    case 'not': {
      const truths = compileTruths(a!, columns)
      return truths === null ? null : oppositeTruths(truths)
    }
    case 'isNull':
    case 'isNotNull':
      return a!.kind === 'Field' ? fieldNullTruths(a!.name, expression.function === 'isNull') : null
    default: {
      const holds = comparisons[expression.function]
      return holds === undefined ? null : compileComparison(a!, b!, holds, columns)
    }
  }
}

const comparisons: { readonly [F in FunctionName]?: Holds } = {
  equal: [false, true, false],
  notEqual: [true, false, true],
  less: [true, false, false],
  lessOrEqual: [true, true, false],
  greater: [false, false, true],
  greaterOrEqual: [false, true, true],
}

function both<Side, Lane>(a: Side | null, b: Side | null, combine: (a: Side, b: Side) => Lane): Lane | null {
  return a === null || b === null ? null : combine(a, b)
}

function compileComparison(a: Expression, b: Expression, holds: Holds, columns: Columns): Truths | null {
  const [left, right] = [typeOf(a, recordScope(columns)), typeOf(b, recordScope(columns))]
  if (left.kind === 'string') return compileTextComparison(a, b, holds)
  const common = isNumeric(left) ? commonType(left, right, 'comparison') : left
  return both(compileAs(common, a, columns), compileAs(common, b, columns), (x, y) => comparedNumbers(x, y, holds))
}

/** Equality alone, which does not need the order of texts. */
function compileTextComparison(field: Expression, literal: Expression, [less, equal, greater]: Holds): Truths | null {
  if (field.kind !== 'Field' || literal.kind !== 'Literal') return null
  const value = literalValue(literal)
  const isEquality = less === greater
  return typeof value === 'string' && isEquality ? comparedTexts(field.name, value, equal) : null
}

/** Numbers of an expression as those of a wider type. */
function compileAs(type: FieldType, expression: Expression, columns: Columns): Numbers | null {
  if (expression.kind === 'Literal') return compileLiteral(expression, type)
  const numbers = compileNumbers(expression, columns)
  return numbers === null ? null : widenedNumbers(numbers, typeOf(expression, recordScope(columns)), type)
}

/** The lane of an expression whose values are numbers: of a number type, or a time. Null for one that has none. */
export function compileNumbers(expression: Expression, columns: Columns): Numbers | null {
  const type = typeOf(expression, recordScope(columns))
  if (!isNumeric(type) && type.kind !== 'timestamp' && type.kind !== 'date') return null
  if (expression.kind === 'Field') return fieldNumbers(expression.name)
  if (expression.kind === 'Literal') return compileLiteral(expression, type)
  return expression.kind === 'Call' ? compileArithmetic(expression, type, columns) : null
}

function compileLiteral(literal: Extract<Expression, { kind: 'Literal' }>, type: FieldType): Numbers | null {
  const value = cast(literalValue(literal), literal.type, type)
  if (value === null) return null
  const number = Number(value)
  return typeof value === 'bigint' && !Number.isSafeInteger(number) ? null : constantNumbers(number)
}

function compileArithmetic(call: Call, type: FieldType, columns: Columns): Numbers | null {
  const [a, b] = call.arguments
  switch (call.function) {
    case 'add':
    case 'subtract':
    case 'modulo':
      return compileOperation(call, type, columns, { aligned: true })
    case 'multiply':
      return compileOperation(call, type, columns, { aligned: false })
    case 'divide':
      return both(compileAs(type, a!, columns), compileAs(type, b!, columns), (x, y) =>
        combinedNumbers(x, y, operationOf('divide', type)),
      )
    case 'abs': {
      const numbers = type.kind === 'int' ? null : compileNumbers(a!, columns)
      return numbers === null ? null : mappedNumbers(numbers, Math.abs)
    }
    case 'coalesce':
      return call.arguments
        .map((argument) => compileAs(type, argument, columns))
        .reduce((first, next) => both(first, next, firstNumbers))
    default:
      return null
  }
}

/** `aligned`: whole numbers and decimals are brought to the scale of the result first. */
function compileOperation(
  call: Call,
  type: FieldType,
  columns: Columns,
  { aligned }: { aligned: boolean },
): Numbers | null {
  const sides = call.arguments.map((argument) => {
    if (type.kind === 'double') return compileAs(type, argument, columns)
    const numbers = compileNumbers(argument, columns)
    if (numbers === null || !aligned) return numbers
    return scaledNumbers(numbers, scaleOf(type) - scaleOf(typeOf(argument, recordScope(columns))))
  })
  const operation = operationOf(call.function as keyof typeof operations, type)
  return both(sides[0]!, sides[1]!, (a, b) => combinedNumbers(a, b, operation))
}

const operations = {
  add: (a: number, b: number) => a + b,
  subtract: (a: number, b: number) => a - b,
  multiply: (a: number, b: number) => a * b,
  modulo: (a: number, b: number) => a % b,
  divide: (a: number, b: number) => a / b,
}

/** Which results have a value in a type: semantics 4.3 and 4.4, and the digits of a decimal. */
function operationOf(name: keyof typeof operations, type: FieldType): NumberOperation {
  const apply = operations[name]
  if (type.kind === 'double') return { apply, valueMax: Number.MAX_VALUE, exactMax: Number.POSITIVE_INFINITY }
  // The least int is one further from 0 than the greatest; the evaluator takes batches that come near.
  if (type.kind === 'int') return { apply, valueMax: INT_MAX, exactMax: INT_MAX }
  const digits = type.kind === 'decimal' ? 10 ** type.precision - 1 : Number.POSITIVE_INFINITY
  return { apply, valueMax: digits, exactMax: Number.MAX_SAFE_INTEGER }
}
