import { type AggregateDefinition, needsArgument } from './aggregate.ts'

export const last: AggregateDefinition = {
  name: 'last',
  meaning: 'the value that is not null with the latest (event time, partition, offset); null for none',
  refusal: (argument) => needsArgument('last', argument),
  resultType: (argument) => argument!,
}
