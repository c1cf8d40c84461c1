import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { type FieldType, isNumeric, type TypeKind, typeName } from '../schemas/field-types.ts'
import { castable } from './casts.ts'
import type { AggregateCall, Expression, FunctionName } from './expression.ts'
import { literalValue } from './literals.ts'

/** Where names get their types. */
export interface TypeScope {
  /** Type of a field; throws when there is none, or where fields are not allowed. */
  field(name: string): FieldType
  /** Type of an aggregate call; throws where aggregates are not allowed. */
  aggregate(call: AggregateCall): FieldType
  /** Digits a derived decimal may have: 18 over records, 38 over aggregates. */
  readonly precisionMax: number
}

const INT: FieldType = { kind: 'int' }
const LONG: FieldType = { kind: 'long' }
const DOUBLE: FieldType = { kind: 'double' }
const BOOLEAN: FieldType = { kind: 'boolean' }
const STRING: FieldType = { kind: 'string' }

export const refuse = (message: string): never => {
  throw new MysimbdpError('MSB_QUERY_INVALID', message)
}

/** @throws MSB_QUERY_INVALID with the sentence a person can act on */
export function typeOf(expression: Expression, scope: TypeScope): FieldType {
  switch (expression.kind) {
    case 'Field':
      return scope.field(expression.name)
    case 'Literal':
      literalValue(expression)
      return expression.type
    case 'Aggregate':
      return scope.aggregate(expression)
    case 'Call': {
      const types = expression.arguments.map((argument) => typeOf(argument, scope))
      return checkPrecision(
        callTypes[expression.function](types, expression.function, expression.arguments),
        expression.function,
        scope,
      )
    }
    case 'Cast': {
      const from = typeOf(expression.argument, scope)
      if (!castable(from, expression.type)) refuse(`a ${typeName(from)} cannot be cast to ${typeName(expression.type)}`)
      return checkPrecision(expression.type, 'cast', scope)
    }
    case 'Case':
      return caseType(expression, scope)
  }
}

function checkPrecision(type: FieldType, what: string, scope: TypeScope): FieldType {
  if (type.kind === 'decimal' && type.precision > scope.precisionMax) {
    refuse(
      `${what} gives ${typeName(type)}, and a decimal has at most ${scope.precisionMax} digits here; cast its arguments or its result to a smaller decimal or to double`,
    )
  }
  return type
}

function caseType(expression: Extract<Expression, { kind: 'Case' }>, scope: TypeScope): FieldType {
  const results: FieldType[] = []
  for (const branch of expression.branches) {
    expect(typeOf(branch.when, scope), ['boolean'], 'case when')
    results.push(typeOf(branch.then, scope))
  }
  if (results.length === 0) refuse('case needs at least one branch')
  if (expression.otherwise !== null) results.push(typeOf(expression.otherwise, scope))
  return checkPrecision(
    results.reduce((a, b) => commonType(a, b, 'case')),
    'case',
    scope,
  )
}

function expect(type: FieldType, kinds: readonly TypeKind[], what: string): void {
  if (!kinds.includes(type.kind)) refuse(`${what} needs ${kinds.join(' or ')}, and this is of type ${typeName(type)}`)
}

function expectNumber(type: FieldType, what: string): void {
  if (!isNumeric(type)) refuse(`${what} needs a number, and this is of type ${typeName(type)}`)
}

/** An int or long as the decimal it takes part in arithmetic as (semantics 4.2). */
export function asDecimal(type: FieldType): { precision: number; scale: number } {
  if (type.kind === 'decimal') return type
  return { precision: type.kind === 'int' ? 10 : 19, scale: 0 }
}

/** A whole number written in the query counts with the digits it has, so that `fare * 2` stays a small decimal. */
function operandDigits(type: FieldType, operand: Expression): { precision: number; scale: number } {
  if (operand.kind === 'Literal' && operand.value !== null && (type.kind === 'int' || type.kind === 'long')) {
    return { precision: String(operand.value).replace('-', '').length, scale: 0 }
  }
  return asDecimal(type)
}

/** The type that holds the values of both. */
export function commonType(a: FieldType, b: FieldType, what: string): FieldType {
  if (a.kind === b.kind && a.kind !== 'decimal') return a
  if (!isNumeric(a) || !isNumeric(b)) return refuse(`${what} mixes ${typeName(a)} and ${typeName(b)}`)
  if (isBinaryFloat(a) || isBinaryFloat(b)) return DOUBLE
  if (a.kind !== 'decimal' && b.kind !== 'decimal') return LONG
  const [x, y] = [asDecimal(a), asDecimal(b)]
  const scale = Math.max(x.scale, y.scale)
  return { kind: 'decimal', precision: Math.max(x.precision - x.scale, y.precision - y.scale) + scale, scale }
}

const isBinaryFloat = (type: FieldType): boolean => type.kind === 'float' || type.kind === 'double'

type CallType = (types: readonly FieldType[], name: FunctionName, args: readonly Expression[]) => FieldType

const count = (types: readonly FieldType[], least: number, most: number, name: string): void => {
  if (types.length < least || types.length > most)
    refuse(`${name} takes ${least === most ? least : `${least} to ${most}`} arguments, and got ${types.length}`)
}

const comparison: CallType = (types, name) => {
  count(types, 2, 2, name)
  const [a, b] = types as [FieldType, FieldType]
  if (!(isNumeric(a) && isNumeric(b)) && a.kind !== b.kind)
    refuse(`${name} compares ${typeName(a)} with ${typeName(b)}`)
  return BOOLEAN
}

const logic: CallType = (types, name) => {
  count(types, name === 'not' ? 1 : 2, name === 'not' ? 1 : 2, name)
  for (const type of types) expect(type, ['boolean'], name)
  return BOOLEAN
}

/** add, subtract, multiply, modulo: the decimal rule differs, the rest is common. */
const arithmetic =
  (
    decimal: (
      a: { precision: number; scale: number },
      b: { precision: number; scale: number },
    ) => { precision: number; scale: number },
  ): CallType =>
  (types, name, args) => {
    count(types, 2, 2, name)
    for (const type of types) expectNumber(type, name)
    const [a, b] = types as [FieldType, FieldType]
    if (isBinaryFloat(a) || isBinaryFloat(b)) return DOUBLE
    if (a.kind === 'decimal' || b.kind === 'decimal')
      return { kind: 'decimal', ...decimal(operandDigits(a, args[0]!), operandDigits(b, args[1]!)) }
    return a.kind === 'int' && b.kind === 'int' ? INT : LONG
  }

const sumDecimal = (
  a: { precision: number; scale: number },
  b: { precision: number; scale: number },
  carry: number,
): { precision: number; scale: number } => {
  const scale = Math.max(a.scale, b.scale)
  return { precision: Math.max(a.precision - a.scale, b.precision - b.scale) + scale + carry, scale }
}

const unaryNumber: CallType = (types, name) => {
  count(types, 1, 1, name)
  expectNumber(types[0]!, name)
  return types[0]!
}

const toLong: CallType = (types, name) => {
  const type = unaryNumber(types, name, [])
  return type.kind === 'int' ? INT : LONG
}

const nullTest: CallType = (types, name) => {
  count(types, 1, 1, name)
  return BOOLEAN
}

const text =
  (result: FieldType, arity: number): CallType =>
  (types, name) => {
    count(types, arity, arity, name)
    for (const type of types) expect(type, ['string'], name)
    return result
  }

const timePart: CallType = (types, name, args) => {
  count(types, 2, 2, name)
  expect(types[0]!, ['timestamp'], name)
  const zone = args[1]!
  if (zone.kind !== 'Literal' || typeof zone.value !== 'string') refuse(`${name} needs a time zone written as text`)
  return INT
}

const round: CallType = (types, name, args) => {
  count(types, 2, 2, name)
  expectNumber(types[0]!, name)
  const digits = args[1]!
  if (
    digits.kind !== 'Literal' ||
    !Number.isInteger(digits.value) ||
    (digits.value as number) < 0 ||
    (digits.value as number) > 18
  ) {
    return refuse('round needs a number of digits from 0 to 18, written as a literal')
  }
  const type = types[0]!
  if (type.kind === 'float') return DOUBLE
  if (type.kind !== 'decimal' || (digits.value as number) >= type.scale) return type
  const scale = digits.value as number
  return { kind: 'decimal', precision: Math.min(type.precision - type.scale + scale + 1, 38), scale }
}

const callTypes: { readonly [F in FunctionName]: CallType } = {
  equal: comparison,
  notEqual: comparison,
  less: comparison,
  lessOrEqual: comparison,
  greater: comparison,
  greaterOrEqual: comparison,
  and: logic,
  or: logic,
  not: logic,
  add: arithmetic((a, b) => sumDecimal(a, b, 1)),
  subtract: arithmetic((a, b) => sumDecimal(a, b, 1)),
  multiply: arithmetic((a, b) => ({ precision: a.precision + b.precision + 1, scale: a.scale + b.scale })),
  modulo: arithmetic((a, b) => sumDecimal(a, b, 0)),
  divide: (types, name) => {
    count(types, 2, 2, name)
    for (const type of types) expectNumber(type, name)
    return DOUBLE
  },
  negate: unaryNumber,
  abs: unaryNumber,
  round,
  floor: toLong,
  ceil: toLong,
  isNull: nullTest,
  isNotNull: nullTest,
  coalesce: (types, name) => {
    count(types, 1, 100, name)
    return types.reduce((a, b) => commonType(a, b, name))
  },
  lower: text(STRING, 1),
  upper: text(STRING, 1),
  trim: text(STRING, 1),
  length: text(INT, 1),
  substring: (types, name) => {
    count(types, 3, 3, name)
    expect(types[0]!, ['string'], name)
    for (const type of types.slice(1)) expect(type, ['int'], name)
    return STRING
  },
  concat: (types, name) => {
    count(types, 1, 100, name)
    for (const type of types) expect(type, ['string'], name)
    return STRING
  },
  contains: text(BOOLEAN, 2),
  startsWith: text(BOOLEAN, 2),
  endsWith: text(BOOLEAN, 2),
  year: timePart,
  month: timePart,
  dayOfMonth: timePart,
  hour: timePart,
  minute: timePart,
  dayOfWeek: timePart,
}

export const functionNames = Object.keys(callTypes) as readonly FunctionName[]
