import { type FieldType, isNumeric, SUM_PRECISION_MAX, typeName } from '../schemas/field-types.ts'
import { type AggregateDefinition, needsArgument } from './aggregate.ts'

export const sum: AggregateDefinition = {
  name: 'sum',
  meaning: 'sum of the values that are not null; null for none; exact for whole numbers and decimals',
  refusal: (argument, what) => needsArgument('sum', argument) ?? needsNumber('sum', argument!, what),
  resultType: (argument) => {
    if (argument!.kind === 'decimal')
      return {
        kind: 'decimal',
        precision: Math.min(argument!.precision + 10, SUM_PRECISION_MAX),
        scale: argument!.scale,
      }
    return argument!.kind === 'int' || argument!.kind === 'long' ? { kind: 'long' } : { kind: 'double' }
  },
}

export const needsNumber = (name: string, argument: FieldType, what: string): string | null =>
  isNumeric(argument) ? null : `${name} needs a number, and ${what} is of type ${typeName(argument)}`
