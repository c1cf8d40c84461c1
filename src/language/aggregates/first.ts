import { type AggregateDefinition, needsArgument } from './aggregate.ts'

export const first: AggregateDefinition = {
  name: 'first',
  meaning: 'the value that is not null with the earliest (event time, partition, offset); null for none',
  refusal: (argument) => needsArgument('first', argument),
  resultType: (argument) => argument!,
}
