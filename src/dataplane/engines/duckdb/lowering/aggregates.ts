import type { AggregateName } from '#language/expressions/expression.ts'
import type { FieldType } from '#language/schemas/field-types.ts'
import type { Unsupported } from '../../lowering-table.ts'
import { asDouble, DOUBLE, isWhole, LONG, type TypedSql } from './typed-sql.ts'

type LowerAggregate = (argument: TypedSql | null) => TypedSql

/** Rule 4.8: by event time, partition, offset; nulls skipped. */
const RECORD_ORDER = `{'time': event_time, 'partition': "partition", 'offset': "offset"}`

const picked =
  (pick: 'arg_min' | 'arg_max'): LowerAggregate =>
  (argument) => ({
    sql: `${pick}(${argument!.sql}, ${RECORD_ORDER}) FILTER (WHERE ${argument!.sql} IS NOT NULL)`,
    type: argument!.type,
  })

const extreme =
  (name: 'min' | 'max'): LowerAggregate =>
  (argument) => ({ sql: `${name}(${argument!.sql})`, type: argument!.type })

const exactSum = (argument: TypedSql): string => `sum(CAST(${argument.sql} AS HUGEINT))`

/** DuckDB's own compensated sums (fsum) are Kahan's and lose what Neumaier keeps: 1e16 + 1 - 1e16 gives 0 there. */
const doubleSum = (argument: TypedSql): string =>
  `compensated_sum(list(${asDouble(argument)} ORDER BY "partition", "offset") FILTER (WHERE ${argument.sql} IS NOT NULL))`

const decimalSum = (precision: number, scale: number): FieldType => ({
  kind: 'decimal',
  precision: Math.min(precision, 38),
  scale,
})

const sum: LowerAggregate = (argument) => {
  const { type } = argument!
  if (isWhole(type)) return { sql: `TRY_CAST(${exactSum(argument!)} AS BIGINT)`, type: LONG }
  if (type.kind === 'decimal') return { sql: exactSum(argument!), type: decimalSum(type.precision + 10, type.scale) }
  return { sql: doubleSum(argument!), type: DOUBLE }
}

const avg: LowerAggregate = (argument) => {
  const { sql, type } = argument!
  if (isWhole(type))
    return { sql: `CAST(CAST(${exactSum(argument!)} AS VARCHAR) AS DOUBLE) / count(${sql})`, type: DOUBLE }
  if (type.kind !== 'decimal') return { sql: `${doubleSum(argument!)} / count(${sql})`, type: DOUBLE }
  // Rule 4.2: four more digits, rounded once; DuckDB's avg of a decimal would be a double.
  return {
    sql: `divide_half_away(${exactSum(argument!)} * 10000, count(${sql}))`,
    type: decimalSum(type.precision + 4, type.scale + 4),
  }
}

export const aggregateLowerings: { readonly [A in AggregateName]: LowerAggregate | Unsupported } = {
  count: (argument) => ({ sql: argument === null ? 'count(*)' : `count(${argument.sql})`, type: LONG }),
  countIf: (argument) => ({ sql: `count(*) FILTER (WHERE ${argument!.sql})`, type: LONG }),
  sum,
  avg,
  min: extreme('min'),
  max: extreme('max'),
  first: picked('arg_min'),
  last: picked('arg_max'),
}
