import type { AggregateName } from '#language/expressions/expression.ts'
import { divideHalfAway, pow10, toDouble } from '#language/schemas/decimal.ts'
import { type FieldType, LONG_MAX, LONG_MIN, type Value } from '#language/schemas/field-types.ts'
import type { Accumulator } from './accumulator.ts'
import { CountAccumulator } from './count-accumulator.ts'
import { CountIfAccumulator } from './count-if-accumulator.ts'
import { DoubleSumAccumulator } from './double-sum-accumulator.ts'
import { ExactSumAccumulator } from './exact-sum-accumulator.ts'
import { ExtremeAccumulator } from './extreme-accumulator.ts'
import { OrderedAccumulator } from './ordered-accumulator.ts'

/** How this engine runs each aggregate; `type` is that of its argument, which the plan check has accepted. */
const accumulators: { readonly [A in AggregateName]: (type: FieldType) => Accumulator } = {
  count: () => new CountAccumulator(),
  countIf: () => new CountIfAccumulator(),
  sum: (type) =>
    exact(type) ? new ExactSumAccumulator(type, sumResult(type)) : new DoubleSumAccumulator(type, (sum) => sum),
  avg: (type) =>
    exact(type)
      ? new ExactSumAccumulator(type, avgResult(type))
      : new DoubleSumAccumulator(type, (sum, count) => sum / count),
  min: (type) => new ExtremeAccumulator(type, -1),
  max: (type) => new ExtremeAccumulator(type, 1),
  first: (type) => new OrderedAccumulator(type, -1),
  last: (type) => new OrderedAccumulator(type, 1),
}

export const createAccumulator = (name: AggregateName, argumentType: FieldType | null): Accumulator =>
  accumulators[name](argumentType ?? { kind: 'long' })

const exact = (type: FieldType): boolean => type.kind === 'int' || type.kind === 'long' || type.kind === 'decimal'

/** A sum of whole numbers is a long and null beyond it; a sum of decimals keeps its scale. */
function sumResult(type: FieldType): (sum: bigint) => Value {
  if (type.kind === 'decimal') return (sum) => sum
  return (sum) => (sum >= LONG_MIN && sum <= LONG_MAX ? sum : null)
}

/** Semantics 4.2 and 4.3: decimals gain four digits and are rounded once; whole numbers give the exact sum divided as doubles. */
function avgResult(type: FieldType): (sum: bigint, count: number) => Value {
  if (type.kind === 'decimal') return (sum, count) => divideHalfAway(sum * pow10(4), BigInt(count))
  return (sum, count) => toDouble(sum, 0) / count
}
