import { typeName } from '../schemas/field-types.ts'
import { type AggregateDefinition, needsArgument } from './aggregate.ts'

export const countIf: AggregateDefinition = {
  name: 'countIf',
  meaning: 'number of records for which the condition is true; 0 for none',
  refusal: (argument, what) =>
    needsArgument('countIf', argument) ??
    (argument!.kind === 'boolean' ? null : `countIf needs a boolean, and ${what} is of type ${typeName(argument!)}`),
  resultType: () => ({ kind: 'long' }),
}
