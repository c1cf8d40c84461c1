import { type AggregateDefinition, needsArgument } from './aggregate.ts'

export const min: AggregateDefinition = {
  name: 'min',
  meaning: 'least of the values that are not null; null for none; texts by their UTF-8 bytes',
  refusal: (argument, what) =>
    needsArgument('min', argument) ??
    (argument!.kind === 'boolean' ? `min needs values with an order, and ${what} is of type boolean` : null),
  resultType: (argument) => argument!,
}
