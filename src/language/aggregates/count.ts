import type { AggregateDefinition } from './aggregate.ts'

export const count: AggregateDefinition = {
  name: 'count',
  meaning: 'number of records, whatever is null in them; 0 for none',
  refusal: (argument) => (argument === null ? null : 'count takes no argument; countIf(x.isNotNull()) counts values'),
  resultType: () => ({ kind: 'long' }),
}
