import { SUM_PRECISION_MAX } from '../schemas/field-types.ts'
import { type AggregateDefinition, needsArgument } from './aggregate.ts'
import { needsNumber } from './sum.ts'

export const avg: AggregateDefinition = {
  name: 'avg',
  meaning:
    'mean of the values that are not null; null for none; of decimals with four more digits, rounded half away from zero',
  refusal: (argument, what) => needsArgument('avg', argument) ?? needsNumber('avg', argument!, what),
  resultType: (argument) =>
    argument!.kind === 'decimal'
      ? { kind: 'decimal', precision: Math.min(argument!.precision + 4, SUM_PRECISION_MAX), scale: argument!.scale + 4 }
      : { kind: 'double' },
}
