import type { AggregateCall } from '#language/expressions/expression.ts'
import { compareTyped } from './compare-typed.ts'
import { finite, fitDigits, fitWhole, power, rational, roundToScale, sumDoubles, toDouble } from './exact-number.ts'
import { DOUBLE, decimalOf, isBinary, LONG, type OracleValue, type Typed } from './typed-value.ts'

/** A record of a group: what orders it for first and last. */
export interface Placed {
  readonly eventTime: number
  readonly partition: number
  readonly offset: number
}

/**
 * One aggregate over the records of a group. `argumentOf` gives the value that
 * is counted, summed, … for each of them; count() asks for none.
 */
export function aggregate(
  call: AggregateCall,
  records: readonly Placed[],
  argumentOf: (record: Placed) => Typed,
): Typed {
  if (call.argument === null) return { type: LONG, value: BigInt(records.length) }
  const all = records.map((record) => ({ record, typed: argumentOf(record) }))
  const present = all.filter(({ typed }) => typed.value !== null)
  const type = all[0].typed.type
  const values = present.map(({ typed }) => typed)
  switch (call.function) {
    case 'count':
      return { type: LONG, value: BigInt(values.length) }
    case 'countIf':
      return { type: LONG, value: BigInt(values.filter(({ value }) => value === true).length) }
    case 'sum':
      return sum(values, type)
    case 'avg':
      return average(values, type)
    case 'min':
      return { type, value: extreme(values, -1) }
    case 'max':
      return { type, value: extreme(values, 1) }
    case 'first':
    case 'last': {
      const ordered = present.sort((a, b) => comparePlaces(a.record, b.record))
      const chosen = call.function === 'first' ? ordered[0] : ordered.at(-1)
      return { type, value: chosen?.typed.value ?? null }
    }
  }
}

/** Rule 4.8. */
const comparePlaces = (a: Placed, b: Placed): number =>
  a.eventTime - b.eventTime || a.partition - b.partition || a.offset - b.offset

const total = (values: readonly Typed[]): bigint => values.reduce((sum, { value }) => sum + (value as bigint), 0n)
const doubles = (values: readonly Typed[]): readonly number[] => values.map(({ value, type }) => toDouble(value, type))

function sum(values: readonly Typed[], type: Typed['type']): Typed {
  const empty = values.length === 0
  if (isBinary(type)) return { type: DOUBLE, value: empty ? null : sumDoubles(doubles(values)) }
  if (type.kind !== 'decimal') return { type: LONG, value: empty ? null : fitWhole(total(values), LONG) }
  const precision = Math.min(type.precision + 10, 38)
  return { type: decimalOf(precision, type.scale), value: empty ? null : fitDigits(total(values), precision) }
}

function average(values: readonly Typed[], type: Typed['type']): Typed {
  const empty = values.length === 0
  if (type.kind !== 'decimal') return { type: DOUBLE, value: empty ? null : averageDouble(values, type) }
  const result = { precision: Math.min(type.precision + 4, 38), scale: type.scale + 4 }
  const mean = empty ? null : rational(total(values), BigInt(values.length) * power(type.scale))
  const value = mean === null ? null : fitDigits(roundToScale(mean, result.scale), result.precision)
  return { type: decimalOf(result.precision, result.scale), value }
}

function averageDouble(values: readonly Typed[], type: Typed['type']): number | null {
  const sum = isBinary(type) ? sumDoubles(doubles(values)) : Number(total(values))
  return sum === null ? null : finite(sum / values.length)
}

/** The least (direction -1) or greatest (1) value. */
function extreme(values: readonly Typed[], direction: 1 | -1): OracleValue {
  let best: Typed | undefined
  for (const typed of values) {
    if (best === undefined || compareTyped(typed, best) * direction > 0) best = typed
  }
  return best?.value ?? null
}
