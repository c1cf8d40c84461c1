import type { Value } from '#language/schemas/field-types.ts'
import type { RejectionCode } from '../../records/record-batch.ts'

/** What a text means for a field: a value, or why it has none. `ambiguous`: a local time that occurs twice. */
export type Reading =
  | { readonly value: Exclude<Value, null>; readonly ambiguous: boolean; readonly fault: null }
  | { readonly value: null; readonly ambiguous: false; readonly fault: RejectionCode }

export const accept = (value: Exclude<Value, null>, ambiguous = false): Reading => ({ value, ambiguous, fault: null })

export const refuse = (fault: RejectionCode): Reading => ({ value: null, ambiguous: false, fault })
