import { aggregates } from '#language/aggregates/registry.ts'
import type { AggregateCall, AggregateName } from '#language/expressions/expression.ts'
import type { FieldType } from '#language/schemas/field-types.ts'
import type { Unsupported } from '../../lowering-table.ts'
import { asDouble, bind, finite, isWhole, quoteName, sqlType, type TypedSql, tryCast } from './typed-sql.ts'

/** What Spark aggregates, and the result over it, in which `a[i]` stands for the name of the i-th. */
export interface LoweredAggregate {
  readonly states: readonly string[]
  readonly result: (names: readonly string[]) => string
}

type LowerAggregate = (argument: TypedSql | null, type: FieldType) => LoweredAggregate

const single = (state: string): LoweredAggregate => ({ states: [state], result: ([name]) => name! })

const PLACE = ['event_time', 'partition', 'offset'].map(quoteName).join(', ')

/** Rule 4.8: by event time, partition, offset; nulls skipped. */
const picked =
  (pick: 'min_by' | 'max_by'): LowerAggregate =>
  (argument) =>
    single(`${pick}(${argument!.sql}, struct(${PLACE})) FILTER (WHERE ${argument!.sql} IS NOT NULL)`)

const extreme =
  (name: 'min' | 'max'): LowerAggregate =>
  (argument) =>
    single(`${name}(${argument!.sql})`)

/** 29 digits hold the sum of 10^10 longs: it leaves 64 bits at the end or not at all (rule 4.3). */
const wholeSum = ({ sql }: TypedSql): string => `sum(CAST(${sql} AS DECIMAL(19, 0)))`
const doubleSum = (argument: TypedSql): string => `try_sum(${asDouble(argument)})`

const sum: LowerAggregate = (argument) => {
  const value = argument!
  if (isWhole(value.type)) return { states: [wholeSum(value)], result: ([total]) => tryCast(total!, 'BIGINT') }
  if (value.type.kind === 'decimal') return single(`try_sum(${value.sql})`)
  return { states: [doubleSum(value)], result: ([total]) => finite(total!) }
}

const avg: LowerAggregate = (argument, type) => {
  const value = argument!
  const count = `count(${value.sql})`
  if (value.type.kind === 'decimal')
    return { states: [`try_sum(${value.sql})`, count], result: ([total, n]) => decimalMean(total!, n!, type) }
  const total = isWhole(value.type) ? wholeSum(value) : doubleSum(value)
  return {
    states: [total, count],
    result: ([all, n]) => finite(`try_divide(CAST(${all} AS DOUBLE), CAST(${n} AS DOUBLE))`),
  }
}

/**
 * Rule 4.2: rounded once, half away from zero. In whole units of the result's scale: Spark's own division would round to twelve digits first, and then again.
 * 32 digits hold the sum of 10^10 stored decimals with four more digits.
 */
function decimalMean(total: string, count: string, type: FieldType): string {
  const scale = type.kind === 'decimal' ? type.scale : 0
  const units = `CAST(replace(CAST(CAST(${total} AS DECIMAL(38, ${scale})) AS STRING), '.', '') AS DECIMAL(32, 0))`
  const half = 'CASE WHEN 2 * abs(m.units % m.n) >= m.n THEN sign(m.units) ELSE 0 END'
  const mean = `CAST((m.units - m.units % m.n) / m.n AS DECIMAL(28, 0)) + CAST(${half} AS DECIMAL(1, 0))`
  return bind(
    'm',
    `named_struct('units', ${units}, 'n', CAST(nullif(${count}, 0) AS DECIMAL(11, 0)))`,
    tryCast(`concat(CAST(${mean} AS STRING), 'E-${scale}')`, sqlType(type)),
  )
}

export const aggregateLowerings: { readonly [A in AggregateName]: LowerAggregate | Unsupported } = {
  count: (argument) => single(argument === null ? 'count(1)' : `count(${argument.sql})`),
  countIf: (argument) => single(`count_if(${argument!.sql})`),
  sum,
  avg,
  min: extreme('min'),
  max: extreme('max'),
  first: picked('min_by'),
  last: picked('max_by'),
}

export const aggregateType = ({ function: name }: AggregateCall, argument: FieldType | null): FieldType =>
  aggregates[name].resultType(argument)
