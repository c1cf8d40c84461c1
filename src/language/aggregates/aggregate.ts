import type { AggregateName } from '../expressions/expression.ts'
import type { FieldType } from '../schemas/field-types.ts'

/** What an aggregate means: one file each, one line in `registry.ts`, one line in each engine's table. */
export interface AggregateDefinition {
  readonly name: AggregateName
  /** One sentence for `explain` and the reference: what it gives, what it does with nulls, what it gives for nothing. */
  readonly meaning: string
  /** The words for an argument it cannot take, or null when it can. `what` names the argument, as in `'company'`. */
  refusal(argument: FieldType | null, what: string): string | null
  /** Type of the result, for an argument it can take. */
  resultType(argument: FieldType | null): FieldType
}

/** For aggregates of exactly one argument. */
export const needsArgument = (name: AggregateName, argument: FieldType | null): string | null =>
  argument === null ? `${name} needs an argument` : null
