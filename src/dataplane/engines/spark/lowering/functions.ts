import type { Expression, FunctionName } from '#language/expressions/expression.ts'
import { asDecimal, commonType } from '#language/expressions/type-of.ts'
import type { FieldType } from '#language/schemas/field-types.ts'
import type { Unsupported } from '../../lowering-table.ts'
import { asDouble, bind, finite, isBinaryFloat, isWhole, sqlType, type TypedSql, tryCast, widen } from './typed-sql.ts'

/** `type` is that of the result; `written` are the arguments as the plan has them: round's digits, a part's zone and the digits of a number are literals. */
type LowerCall = (operands: readonly TypedSql[], type: FieldType, written: readonly Expression[]) => string

/** Both sides in one type (rule 4.7); Spark orders texts by their UTF-8 bytes. */
const comparison =
  (operator: string): LowerCall =>
  ([a, b]) => {
    const type = commonType(a!.type, b!.type, 'a comparison')
    return `(${widen(a!, type)} ${operator} ${widen(b!, type)})`
  }

const infix =
  (operator: string): LowerCall =>
  ([a, b]) =>
    `(${a!.sql} ${operator} ${b!.sql})`

/** Rule 4.2: a whole number that is written in the query counts with the digits it has. */
function asOperand({ sql, type }: TypedSql, written: Expression): string {
  if (type.kind === 'decimal') return sql
  const literal = written.kind === 'Literal' && written.value !== null
  const digits = literal ? String(written.value).replace('-', '').length : asDecimal(type).precision
  return `CAST(${sql} AS DECIMAL(${digits}, 0))`
}

/** Null on overflow and for a division by zero, whatever Spark's ANSI setting. Its decimals have the digits of rule 4.2, where these are at most 38. */
const arithmetic =
  (name: 'try_add' | 'try_subtract' | 'try_multiply' | 'try_mod'): LowerCall =>
  ([a, b], type, written) => {
    if (type.kind === 'double') return finite(`${name}(${asDouble(a!)}, ${asDouble(b!)})`)
    if (isWhole(type)) return `${name}(${widen(a!, type)}, ${widen(b!, type)})`
    return tryCast(`${name}(${asOperand(a!, written[0]!)}, ${asOperand(b!, written[1]!)})`, sqlType(type))
  }

/** The least int and long have no opposite: null. */
const opposite = (sql: string, type: FieldType): string =>
  isWhole(type) ? `try_subtract(CAST(0 AS ${sqlType(type)}), ${sql})` : `(-${sql})`

const round: LowerCall = ([value], type, written) => {
  const digits = (written[1] as Extract<Expression, { kind: 'Literal' }>).value as number
  if (type.kind === 'double') return finite(`round(${asDouble(value!)}, ${digits})`)
  if (type.kind !== 'decimal' || value!.type.kind !== 'decimal' || digits >= value!.type.scale) return value!.sql
  return tryCast(`round(${value!.sql}, ${digits})`, sqlType(type))
}

/** Spark's own floor of a double beyond 64 bits is the greatest long. */
const toWhole =
  (name: 'floor' | 'ceil'): LowerCall =>
  ([value]) => {
    if (isWhole(value!.type)) return value!.sql
    if (!isBinaryFloat(value!.type)) return tryCast(`${name}(${value!.sql})`, 'BIGINT')
    return bind(
      'x',
      asDouble(value!),
      `CASE WHEN x >= -9223372036854775808D AND x < 9223372036854775808D THEN ${name}(x) END`,
    )
  }

const call =
  (name: string): LowerCall =>
  (operands) =>
    `${name}(${operands.map(({ sql }) => sql).join(', ')})`

const timePart =
  (part: (local: string) => string): LowerCall =>
  ([time, zone]) =>
    part(`from_utc_timestamp(timestamp_millis(${time!.sql}), ${zone!.sql})`)

const named =
  (name: string) =>
  (argument: string): string =>
    `${name}(${argument})`

export const functionLowerings: { readonly [F in FunctionName]: LowerCall | Unsupported } = {
  equal: comparison('='),
  notEqual: comparison('<>'),
  less: comparison('<'),
  lessOrEqual: comparison('<='),
  greater: comparison('>'),
  greaterOrEqual: comparison('>='),
  and: infix('AND'),
  or: infix('OR'),
  not: ([value]) => `(NOT ${value!.sql})`,
  add: arithmetic('try_add'),
  subtract: arithmetic('try_subtract'),
  multiply: arithmetic('try_multiply'),
  modulo: arithmetic('try_mod'),
  divide: ([a, b]) => finite(`try_divide(${asDouble(a!)}, ${asDouble(b!)})`),
  negate: ([value]) => opposite(value!.sql, value!.type),
  abs: ([value]) =>
    isWhole(value!.type)
      ? bind('x', value!.sql, `CASE WHEN x < 0 THEN ${opposite('x', value!.type)} ELSE x END`)
      : `abs(${value!.sql})`,
  round,
  floor: toWhole('floor'),
  ceil: toWhole('ceil'),
  isNull: ([value]) => `(${value!.sql} IS NULL)`,
  isNotNull: ([value]) => `(${value!.sql} IS NOT NULL)`,
  coalesce: (operands, type) => `coalesce(${operands.map((operand) => widen(operand, type)).join(', ')})`,
  lower: call('lower'),
  upper: call('upper'),
  trim: call('trim'),
  length: call('length'),
  substring: ([text, start, length]) =>
    `CASE WHEN ${start!.sql} >= 1 AND ${length!.sql} IS NOT NULL THEN substring(${text!.sql}, ${start!.sql}, greatest(${length!.sql}, 0)) END`,
  concat: call('concat'),
  contains: call('contains'),
  startsWith: call('startswith'),
  endsWith: call('endswith'),
  year: timePart(named('year')),
  month: timePart(named('month')),
  dayOfMonth: timePart(named('day')),
  hour: timePart(named('hour')),
  minute: timePart(named('minute')),
  // Monday is 0 in Spark.
  dayOfWeek: timePart((local) => `(weekday(${local}) + 1)`),
}
