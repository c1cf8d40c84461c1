import { type AggregateDefinition, needsArgument } from './aggregate.ts'

export const max: AggregateDefinition = {
  name: 'max',
  meaning: 'greatest of the values that are not null; null for none; texts by their UTF-8 bytes',
  refusal: (argument, what) =>
    needsArgument('max', argument) ??
    (argument!.kind === 'boolean' ? `max needs values with an order, and ${what} is of type boolean` : null),
  resultType: (argument) => argument!,
}
