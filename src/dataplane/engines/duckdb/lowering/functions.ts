import type { FunctionName } from '#language/expressions/expression.ts'
import type { FieldType } from '#language/schemas/field-types.ts'
import type { Unsupported } from '../../lowering-table.ts'
import {
  asDouble,
  BOOLEAN,
  DOUBLE,
  decimalOf,
  INT,
  isBinaryFloat,
  LONG,
  meetingType,
  powerOfTen,
  STRING,
  type TypedSql,
  unscaledAt,
  widen,
} from './typed-sql.ts'

/** `literals` are the values of those arguments that are literals, as round's digits and a part's zone must be. */
type LowerCall = (operands: readonly TypedSql[], literals: readonly unknown[]) => TypedSql

/** Both sides in one type (rule 4.7); DuckDB orders texts by their UTF-8 bytes. */
const comparison =
  (operator: string): LowerCall =>
  ([a, b]) => {
    const type = meetingType(a!.type, b!.type)
    return { sql: `(${widen(a!, type).sql} ${operator} ${widen(b!, type).sql})`, type: BOOLEAN }
  }

const infix =
  (operator: string): LowerCall =>
  ([a, b]) => ({ sql: `(${a!.sql} ${operator} ${b!.sql})`, type: BOOLEAN })

interface Decimals {
  readonly precision: number
  readonly scale: number
}

/** Rule 4.2 and 4.3: the digits of the result, and the scales at which whole numbers are combined. */
const arithmetic =
  (operator: '+' | '-' | '*' | '%', digits: (a: Decimals, b: Decimals) => Decimals): LowerCall =>
  ([a, b]) => {
    const right = (sql: string): string => (operator === '%' ? `nullif(${sql}, 0)` : sql)
    if (isBinaryFloat(a!.type) || isBinaryFloat(b!.type))
      return { sql: `finite(${asDouble(a!)} ${operator} ${right(asDouble(b!))})`, type: DOUBLE }
    if (a!.type.kind !== 'decimal' && b!.type.kind !== 'decimal') {
      const type = a!.type.kind === 'int' && b!.type.kind === 'int' ? INT : LONG
      const whole = `CAST(${a!.sql} AS HUGEINT) ${operator} ${right(`CAST(${b!.sql} AS HUGEINT)`)}`
      return { sql: `TRY_CAST(${whole} AS ${type === INT ? 'INTEGER' : 'BIGINT'})`, type }
    }
    const [x, y] = [decimalOf(a!.type), decimalOf(b!.type)]
    const result = digits(x, y)
    const [left, rightSide] =
      operator === '*'
        ? [unscaledAt(a!, x.scale), unscaledAt(b!, y.scale)]
        : [unscaledAt(a!, result.scale), unscaledAt(b!, result.scale)]
    return { sql: `(${left} ${operator} ${right(rightSide)})`, type: { kind: 'decimal', ...result } }
  }

const sumDigits =
  (carry: number) =>
  (a: Decimals, b: Decimals): Decimals => {
    const scale = Math.max(a.scale, b.scale)
    return { precision: Math.max(a.precision - a.scale, b.precision - b.scale) + scale + carry, scale }
  }

/** The least int and long have no opposite: null. */
const signed =
  (change: (sql: string) => string): LowerCall =>
  ([value]) => {
    const { sql, type } = value!
    if (type.kind === 'int' || type.kind === 'long') {
      return {
        sql: `TRY_CAST(${change(`CAST(${sql} AS HUGEINT)`)} AS ${type.kind === 'int' ? 'INTEGER' : 'BIGINT'})`,
        type,
      }
    }
    return { sql: change(sql), type }
  }

const round: LowerCall = ([value], literals) => {
  const { sql, type } = value!
  const digits = literals[1] as number
  if (isBinaryFloat(type)) return { sql: `round_double(${asDouble(value!)}, ${digits})`, type: DOUBLE }
  if (type.kind !== 'decimal' || digits >= type.scale) return value!
  const precision = Math.min(type.precision - type.scale + digits + 1, 38)
  return {
    sql: `divide_half_away(${sql}, ${powerOfTen(type.scale - digits)})`,
    type: { kind: 'decimal', precision, scale: digits },
  }
}

const toWhole =
  (double: (sql: string) => string, decimal: (sql: string, unit: string) => string): LowerCall =>
  ([value]) => {
    const { sql, type } = value!
    if (isBinaryFloat(type)) return { sql: `TRY_CAST(${double(asDouble(value!))} AS BIGINT)`, type: LONG }
    return type.kind === 'decimal'
      ? { sql: `TRY_CAST(${decimal(sql, powerOfTen(type.scale))} AS BIGINT)`, type: LONG }
      : value!
  }

const call =
  (name: string, type: FieldType): LowerCall =>
  (operands) => ({ sql: `${name}(${operands.map(({ sql }) => sql).join(', ')})`, type })

const timePart =
  (part: string): LowerCall =>
  ([time, zone]) => ({
    sql: `CAST(date_part('${part}', local_time(${time!.sql}, ${zone!.sql})) AS INTEGER)`,
    type: INT,
  })

export const functionLowerings: { readonly [F in FunctionName]: LowerCall | Unsupported } = {
  equal: comparison('='),
  notEqual: comparison('<>'),
  less: comparison('<'),
  lessOrEqual: comparison('<='),
  greater: comparison('>'),
  greaterOrEqual: comparison('>='),
  and: infix('AND'),
  or: infix('OR'),
  not: ([value]) => ({ sql: `(NOT ${value!.sql})`, type: BOOLEAN }),
  add: arithmetic('+', sumDigits(1)),
  subtract: arithmetic('-', sumDigits(1)),
  multiply: arithmetic('*', (a, b) => ({ precision: a.precision + b.precision + 1, scale: a.scale + b.scale })),
  modulo: arithmetic('%', sumDigits(0)),
  divide: ([a, b]) => ({ sql: `finite(${asDouble(a!)} / ${asDouble(b!)})`, type: DOUBLE }),
  negate: signed((sql) => `(-${sql})`),
  abs: signed((sql) => `abs(${sql})`),
  round,
  floor: toWhole(
    (sql) => `floor(${sql})`,
    (sql, unit) => `floor_divide(${sql}, ${unit})`,
  ),
  ceil: toWhole(
    (sql) => `ceil(${sql})`,
    (sql, unit) => `-floor_divide(-(${sql}), ${unit})`,
  ),
  isNull: ([value]) => ({ sql: `(${value!.sql} IS NULL)`, type: BOOLEAN }),
  isNotNull: ([value]) => ({ sql: `(${value!.sql} IS NOT NULL)`, type: BOOLEAN }),
  coalesce: (operands) => {
    const type = operands.map((operand) => operand.type).reduce(meetingType)
    return { sql: `coalesce(${operands.map((operand) => widen(operand, type).sql).join(', ')})`, type }
  },
  lower: call('unicode_lower', STRING),
  upper: call('unicode_upper', STRING),
  trim: ([text]) => ({ sql: `trim(${text!.sql}, ' ')`, type: STRING }),
  length: ([text]) => ({ sql: `CAST(length(${text!.sql}) AS INTEGER)`, type: INT }),
  substring: ([text, start, length]) => ({
    sql: `CASE WHEN ${start!.sql} >= 1 AND ${length!.sql} IS NOT NULL THEN substring(${text!.sql}, ${start!.sql}, greatest(${length!.sql}, 0)) END`,
    type: STRING,
  }),
  concat: (operands) => ({ sql: `(${operands.map(({ sql }) => sql).join(' || ')})`, type: STRING }),
  contains: call('contains', BOOLEAN),
  startsWith: call('starts_with', BOOLEAN),
  endsWith: call('ends_with', BOOLEAN),
  year: timePart('year'),
  month: timePart('month'),
  dayOfMonth: timePart('day'),
  hour: timePart('hour'),
  minute: timePart('minute'),
  dayOfWeek: timePart('isodow'),
}
