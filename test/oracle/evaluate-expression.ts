import type { AggregateCall, Expression, FunctionName } from '#language/expressions/expression.ts'
import { abs, arithmetic, ceil, divide, floor, negate, round } from './arithmetic.ts'
import { castValue } from './cast-value.ts'
import { compareTyped } from './compare-typed.ts'
import { parseNumber, roundToScale } from './exact-number.ts'
import { DAY_MS, localMs } from './local-time.ts'
import { readDate, readUuid } from './read-text.ts'
import { BOOLEAN, commonType, decimalOf, INT, isWhole, type OracleValue, STRING, type Typed } from './typed-value.ts'

/** Where fields and aggregates get their values. */
export interface Scope {
  field(name: string): Typed
  aggregate(call: AggregateCall): Typed
}

export function evaluateExpression(expression: Expression, scope: Scope): Typed {
  switch (expression.kind) {
    case 'Field':
      return scope.field(expression.name)
    case 'Aggregate':
      return scope.aggregate(expression)
    case 'Literal':
      return readLiteral(expression)
    case 'Cast':
      return castValue(evaluateExpression(expression.argument, scope), expression.type)
    case 'Case':
      return evaluateCase(expression, scope)
    case 'Call': {
      const values = expression.arguments.map((argument) => evaluateExpression(argument, scope))
      return call(
        expression.function,
        isDecimalArithmetic(expression.function, values) ? countDigits(expression.arguments, values) : values,
      )
    }
  }
}

const isDecimalArithmetic = (name: FunctionName, values: readonly Typed[]): boolean =>
  ['add', 'subtract', 'multiply', 'modulo'].includes(name) && values.some(({ type }) => type.kind === 'decimal')

/** Rule 4.2: with a decimal, a whole number written as a literal counts as a decimal with the digits it has. */
function countDigits(expressions: readonly Expression[], values: readonly Typed[]): readonly Typed[] {
  return values.map((typed, index) => {
    const isWholeLiteral = expressions[index].kind === 'Literal' && isWhole(typed.type) && typed.value !== null
    if (!isWholeLiteral) return typed
    return { type: decimalOf(String(typed.value).replace('-', '').length, 0), value: typed.value }
  })
}

function readLiteral({ type, value }: Extract<Expression, { kind: 'Literal' }>): Typed {
  if (value === null) return { type, value }
  if (type.kind === 'decimal') return { type, value: roundToScale(parseNumber(String(value)), type.scale) }
  if (type.kind === 'int' || type.kind === 'long') return { type, value: BigInt(value) }
  if (type.kind === 'date') return { type, value: readDate(String(value)) }
  if (type.kind === 'uuid') return { type, value: readUuid(String(value)) }
  if (type.kind === 'float') return { type, value: Math.fround(Number(value)) }
  return { type, value }
}

function evaluateCase(expression: Extract<Expression, { kind: 'Case' }>, scope: Scope): Typed {
  const branches = expression.branches.map(({ when, then }) => ({
    holds: evaluateExpression(when, scope).value === true,
    result: evaluateExpression(then, scope),
  }))
  const otherwise = expression.otherwise === null ? [] : [evaluateExpression(expression.otherwise, scope)]
  const results = [...branches.map((branch) => branch.result), ...otherwise]
  const type = results.map((result) => result.type).reduce(commonType)
  const chosen = branches.find((branch) => branch.holds)?.result ?? otherwise[0]
  return chosen === undefined ? { type, value: null } : castValue(chosen, type)
}

/** Null where an argument is null; every function but those listed in `call` itself. */
function strict(args: readonly Typed[], type: Typed['type'], compute: () => OracleValue): Typed {
  return { type, value: args.some((argument) => argument.value === null) ? null : compute() }
}

function call(name: FunctionName, args: readonly Typed[]): Typed {
  const [a, b] = args
  switch (name) {
    case 'and':
      return { type: BOOLEAN, value: a.value === false || b.value === false ? false : both(a, b) }
    case 'or':
      return { type: BOOLEAN, value: a.value === true || b.value === true ? true : both(a, b) }
    case 'not':
      return strict(args, BOOLEAN, () => !a.value)
    case 'isNull':
      return { type: BOOLEAN, value: a.value === null }
    case 'isNotNull':
      return { type: BOOLEAN, value: a.value !== null }
    case 'coalesce': {
      const type = args.map((argument) => argument.type).reduce(commonType)
      const first = args.find((argument) => argument.value !== null)
      return first === undefined ? { type, value: null } : castValue(first, type)
    }
    case 'add':
    case 'subtract':
    case 'multiply':
    case 'modulo':
      return arithmetic(name, a, b)
    case 'divide':
      return divide(a, b)
    case 'negate':
      return negate(a)
    case 'abs':
      return abs(a)
    case 'round':
      return round(a, Number(b.value))
    case 'floor':
      return floor(a)
    case 'ceil':
      return ceil(a)
    default:
      return comparisonOrText(name, args)
  }
}

/** `and`, `or` where neither side decides: null when one is null, else what both agree on. */
const both = (a: Typed, b: Typed): OracleValue => (a.value === null || b.value === null ? null : a.value)

type OtherName = Exclude<
  FunctionName,
  | ('and' | 'or' | 'not' | 'isNull' | 'isNotNull' | 'coalesce' | 'round' | 'floor' | 'ceil')
  | ('add' | 'subtract' | 'multiply' | 'modulo' | 'divide' | 'negate' | 'abs')
>

function comparisonOrText(name: OtherName, args: readonly Typed[]): Typed {
  const [a, b] = args
  const truth = (compute: () => boolean): Typed => strict(args, BOOLEAN, compute)
  const text = (position: number): string => args[position].value as string
  switch (name) {
    case 'equal':
      return truth(() => compareTyped(a, b) === 0)
    case 'notEqual':
      return truth(() => compareTyped(a, b) !== 0)
    case 'less':
      return truth(() => compareTyped(a, b) < 0)
    case 'lessOrEqual':
      return truth(() => compareTyped(a, b) <= 0)
    case 'greater':
      return truth(() => compareTyped(a, b) > 0)
    case 'greaterOrEqual':
      return truth(() => compareTyped(a, b) >= 0)
    case 'lower':
      return strict(args, STRING, () => text(0).toLowerCase())
    case 'upper':
      return strict(args, STRING, () => text(0).toUpperCase())
    case 'trim':
      return strict(args, STRING, () => text(0).replace(/^ +| +$/g, ''))
    case 'length':
      return strict(args, INT, () => BigInt([...text(0)].length))
    case 'substring':
      return strict(args, STRING, () => substring(text(0), Number(args[1].value), Number(args[2].value)))
    case 'concat':
      return strict(args, STRING, () => args.map((argument) => argument.value).join(''))
    case 'contains':
      return truth(() => text(0).includes(text(1)))
    case 'startsWith':
      return truth(() => text(0).startsWith(text(1)))
    case 'endsWith':
      return truth(() => text(0).endsWith(text(1)))
    default:
      return strict(args, INT, () => BigInt(timePart(name, localMs(a.value as number, text(1)))))
  }
}

/** Code points from a 1-based start; a start below 1 is null, a length below 1 gives nothing. */
function substring(text: string, start: number, length: number): string | null {
  if (start < 1) return null
  return [...text].slice(start - 1, start - 1 + Math.max(0, length)).join('')
}

type TimePart = 'year' | 'month' | 'dayOfMonth' | 'hour' | 'minute' | 'dayOfWeek'

function timePart(name: TimePart, local: number): number {
  const date = new Date(local)
  switch (name) {
    case 'year':
      return date.getUTCFullYear()
    case 'month':
      return date.getUTCMonth() + 1
    case 'dayOfMonth':
      return date.getUTCDate()
    case 'hour':
      return date.getUTCHours()
    case 'minute':
      return date.getUTCMinutes()
    case 'dayOfWeek':
      return ((((Math.floor(local / DAY_MS) + 3) % 7) + 7) % 7) + 1
  }
}
