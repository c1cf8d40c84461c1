import type { AggregateName, CaseBranch, Expression, FunctionName } from '../expressions/expression.ts'
import { inferLiteral, type LiteralInput, typedLiteral } from '../expressions/literals.ts'
import type { NumericKind, TypeKind } from '../schemas/field-types.ts'
import type { FieldSpec, Row } from './fields.ts'

/** A field that an aggregate was given by name; whether the stream has it is checked where the aggregate is used. */
export interface FieldUse<A extends AggregateName = AggregateName, N extends string = string> {
  readonly aggregate: A
  readonly field: N
}

type Operand<U> = Expr<TypeKind, U> | LiteralInput
// biome-ignore lint/suspicious/noExplicitAny: an aggregate of a field given by name has the kind of that field, unknown here
type Any = any

/**
 * An expression under construction: immutable; every method gives a new one. `K` is the kind of its value, `U` the fields that its
 * aggregates use by name. Methods are named like the functions of the plan.
 */
// biome-ignore format: one method a line
export class Expr<K extends TypeKind = TypeKind, U = never> {
  readonly expression: Expression
  declare readonly kind: K
  declare readonly uses: U

  constructor(expression: Expression) {
    this.expression = expression
  }

  #call<R extends TypeKind, V>(name: FunctionName, ...operands: Operand<V>[]): Expr<R, U | V> {
    return new Expr<R, U | V>({
      kind: 'Call',
      function: name,
      arguments: [this.expression, ...operands.map(toExpression)],
    })
  }

  equal<V = never>(other: Operand<V>): Expr<'boolean', U | V> { return this.#call('equal', other) }
  notEqual<V = never>(other: Operand<V>): Expr<'boolean', U | V> { return this.#call('notEqual', other) }
  less<V = never>(other: Operand<V>): Expr<'boolean', U | V> { return this.#call('less', other) }
  lessOrEqual<V = never>(other: Operand<V>): Expr<'boolean', U | V> { return this.#call('lessOrEqual', other) }
  greater<V = never>(other: Operand<V>): Expr<'boolean', U | V> { return this.#call('greater', other) }
  greaterOrEqual<V = never>(other: Operand<V>): Expr<'boolean', U | V> { return this.#call('greaterOrEqual', other) }

  and<V = never>(this: Expr<'boolean', U>, other: Expr<'boolean', V> | boolean): Expr<'boolean', U | V> { return this.#call('and', other) }
  or<V = never>(this: Expr<'boolean', U>, other: Expr<'boolean', V> | boolean): Expr<'boolean', U | V> { return this.#call('or', other) }
  not(this: Expr<'boolean', U>): Expr<'boolean', U> { return this.#call('not') }

  add<V = never>(this: Expr<NumericKind, U>, other: Expr<NumericKind, V> | number | bigint): Expr<NumericKind, U | V> { return this.#call('add', other) }
  subtract<V = never>(this: Expr<NumericKind, U>, other: Expr<NumericKind, V> | number | bigint): Expr<NumericKind, U | V> { return this.#call('subtract', other) }
  multiply<V = never>(this: Expr<NumericKind, U>, other: Expr<NumericKind, V> | number | bigint): Expr<NumericKind, U | V> { return this.#call('multiply', other) }
  divide<V = never>(this: Expr<NumericKind, U>, other: Expr<NumericKind, V> | number | bigint): Expr<'double', U | V> { return this.#call('divide', other) }
  modulo<V = never>(this: Expr<NumericKind, U>, other: Expr<NumericKind, V> | number | bigint): Expr<NumericKind, U | V> { return this.#call('modulo', other) }
  negate(this: Expr<NumericKind, U>): Expr<K, U> { return this.#call('negate') }
  abs(this: Expr<NumericKind, U>): Expr<K, U> { return this.#call('abs') }
  round(this: Expr<NumericKind, U>, digits: number): Expr<K, U> { return this.#call('round', digits) }
  floor(this: Expr<NumericKind, U>): Expr<'int' | 'long', U> { return this.#call('floor') }
  ceil(this: Expr<NumericKind, U>): Expr<'int' | 'long', U> { return this.#call('ceil') }

  isNull(): Expr<'boolean', U> { return this.#call('isNull') }
  isNotNull(): Expr<'boolean', U> { return this.#call('isNotNull') }
  coalesce<V = never>(...others: Operand<V>[]): Expr<K, U | V> { return this.#call('coalesce', ...others) }

  lower(this: Expr<'string', U>): Expr<'string', U> { return this.#call('lower') }
  upper(this: Expr<'string', U>): Expr<'string', U> { return this.#call('upper') }
  trim(this: Expr<'string', U>): Expr<'string', U> { return this.#call('trim') }
  length(this: Expr<'string', U>): Expr<'int', U> { return this.#call('length') }
  /** `start` is 1 for the first code point. */
  substring<V = never>(this: Expr<'string', U>, start: Expr<'int', V> | number, length: Expr<'int', V> | number): Expr<'string', U | V> { return this.#call('substring', start, length) }
  concat<V = never>(this: Expr<'string', U>, ...others: (Expr<'string', V> | string)[]): Expr<'string', U | V> { return this.#call('concat', ...others) }
  contains<V = never>(this: Expr<'string', U>, part: Expr<'string', V> | string): Expr<'boolean', U | V> { return this.#call('contains', part) }
  startsWith<V = never>(this: Expr<'string', U>, part: Expr<'string', V> | string): Expr<'boolean', U | V> { return this.#call('startsWith', part) }
  endsWith<V = never>(this: Expr<'string', U>, part: Expr<'string', V> | string): Expr<'boolean', U | V> { return this.#call('endsWith', part) }

  /** Parts of local time; the zone is the app's when none is given. */
  year(this: Expr<'timestamp', U>, timeZone?: string): Expr<'int', U> { return this.#timePart('year', timeZone) }
  month(this: Expr<'timestamp', U>, timeZone?: string): Expr<'int', U> { return this.#timePart('month', timeZone) }
  dayOfMonth(this: Expr<'timestamp', U>, timeZone?: string): Expr<'int', U> { return this.#timePart('dayOfMonth', timeZone) }
  hour(this: Expr<'timestamp', U>, timeZone?: string): Expr<'int', U> { return this.#timePart('hour', timeZone) }
  minute(this: Expr<'timestamp', U>, timeZone?: string): Expr<'int', U> { return this.#timePart('minute', timeZone) }
  /** 1 is Monday, 7 Sunday. */
  dayOfWeek(this: Expr<'timestamp', U>, timeZone?: string): Expr<'int', U> { return this.#timePart('dayOfWeek', timeZone) }

  cast<C extends TypeKind>(type: FieldSpec<C>): Expr<C, U> {
    return new Expr<C, U>({ kind: 'Cast', type: type.type, argument: this.expression })
  }

  #timePart(name: FunctionName, timeZone: string | undefined): Expr<'int', U> {
    return this.#call(name, ...(timeZone === undefined ? [] : [timeZone]))
  }
}

/** The columns of a relation as expressions: `trip => trip.fare.greater(5)`. */
export type RowOf<R extends Row> = { readonly [N in keyof R]: Expr<R[N]> }

export const toExpression = (operand: Operand<unknown>): Expression =>
  operand instanceof Expr ? operand.expression : inferLiteral(operand)

/** A literal; give the type where the value alone does not tell: `lit('2024-04-13', date())`. */
export function lit<K extends TypeKind = TypeKind>(value: LiteralInput, type?: FieldSpec<K>): Expr<K> {
  return new Expr<K>(type === undefined ? inferLiteral(value) : typedLiteral(value, type.type))
}

const branch = (condition: Expr<'boolean', unknown>, value: Operand<unknown>): CaseBranch => ({
  when: condition.expression,
  // biome-ignore lint/suspicious/noThenProperty: a branch of the plan is called that
  then: toExpression(value),
})

class CaseExpr<K extends TypeKind, U> extends Expr<K, U> {
  readonly #branches: readonly CaseBranch[]

  constructor(branches: readonly CaseBranch[]) {
    super({ kind: 'Case', branches, otherwise: null })
    this.#branches = branches
  }

  when<V = never>(condition: Expr<'boolean', V>, value: Operand<V>): CaseExpr<K, U | V> {
    return new CaseExpr<K, U | V>([...this.#branches, branch(condition, value)])
  }

  otherwise<V = never>(value: Operand<V>): Expr<K, U | V> {
    return new Expr<K, U | V>({ kind: 'Case', branches: this.#branches, otherwise: toExpression(value) })
  }
}

/** `caseWhen(condition, value).when(…).otherwise(…)`: the first branch whose condition is true; null without otherwise. */
export function caseWhen<K extends TypeKind, U = never>(
  condition: Expr<'boolean', U>,
  value: Expr<K, U> | LiteralInput,
): CaseExpr<K, U> {
  return new CaseExpr<K, U>([branch(condition, value)])
}

export const coalesce = <K extends TypeKind, U = never>(first: Expr<K, U>, ...others: Operand<U>[]): Expr<K, U> =>
  first.coalesce(...others) as Expr<K, U>
export const cast = <K extends TypeKind, U = never>(value: Expr<TypeKind, U>, type: FieldSpec<K>): Expr<K, U> =>
  value.cast(type)
/** Decimals half away from zero; doubles half up on their shortest decimal text. */
export const round = <K extends NumericKind, U>(value: Expr<K, U>, digits: number): Expr<K, U> =>
  (value as Expr<NumericKind, U>).round(digits) as Expr<K, U>

type AggregateOf<A extends AggregateName, K extends TypeKind, N extends string> = Expr<K, FieldUse<A, N>>

const aggregate = (name: AggregateName, argument: Expression | null): Expression => ({
  kind: 'Aggregate',
  function: name,
  argument,
})

const ofField = (name: AggregateName, argument: Expr | string): Expr<Any, Any> =>
  new Expr<Any, Any>(
    aggregate(name, typeof argument === 'string' ? { kind: 'Field', name: argument } : argument.expression),
  )

/** Number of records. */
export const count = (): Expr<'long'> => new Expr(aggregate('count', null))
/** Number of records for which the condition is true. */
export const countIf = (condition: Expr<'boolean'>): Expr<'long'> =>
  new Expr(aggregate('countIf', condition.expression))

/** Sum of a field (by name) or of an expression. */
export function sum<const N extends string>(field: N): AggregateOf<'sum', NumericKind, N>
export function sum(value: Expr<NumericKind>): Expr<NumericKind>
export function sum(argument: string | Expr<NumericKind>): Expr<Any, Any> {
  return ofField('sum', argument)
}

export function avg<const N extends string>(field: N): AggregateOf<'avg', 'double' | 'decimal', N>
export function avg(value: Expr<NumericKind>): Expr<'double' | 'decimal'>
export function avg(argument: string | Expr<NumericKind>): Expr<Any, Any> {
  return ofField('avg', argument)
}

export function min<const N extends string>(field: N): AggregateOf<'min', Any, N>
export function min<K extends Exclude<TypeKind, 'boolean'>>(value: Expr<K>): Expr<K>
export function min(argument: string | Expr): Expr<Any, Any> {
  return ofField('min', argument)
}

export function max<const N extends string>(field: N): AggregateOf<'max', Any, N>
export function max<K extends Exclude<TypeKind, 'boolean'>>(value: Expr<K>): Expr<K>
export function max(argument: string | Expr): Expr<Any, Any> {
  return ofField('max', argument)
}

/** The value that is not null with the earliest event time. */
export function first<const N extends string>(field: N): AggregateOf<'first', Any, N>
export function first<K extends TypeKind>(value: Expr<K>): Expr<K>
export function first(argument: string | Expr): Expr<Any, Any> {
  return ofField('first', argument)
}

/** The value that is not null with the latest event time. */
export function last<const N extends string>(field: N): AggregateOf<'last', Any, N>
export function last<K extends TypeKind>(value: Expr<K>): Expr<K>
export function last(argument: string | Expr): Expr<Any, Any> {
  return ofField('last', argument)
}
