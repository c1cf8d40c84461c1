import type { AggregateName } from '../expressions/expression.ts'
import type { AggregateDefinition } from './aggregate.ts'
import { avg } from './avg.ts'
import { count } from './count.ts'
import { countIf } from './count-if.ts'
import { first } from './first.ts'
import { last } from './last.ts'
import { max } from './max.ts'
import { min } from './min.ts'
import { sum } from './sum.ts'

export const aggregates: { readonly [A in AggregateName]: AggregateDefinition } = {
  count,
  countIf,
  sum,
  avg,
  min,
  max,
  first,
  last,
}
