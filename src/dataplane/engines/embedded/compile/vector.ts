import type { FieldType, Value } from '#language/schemas/field-types.ts'
import { columnReader } from '../../../records/column-reader.ts'
import type { Column } from '../../../records/record-batch.ts'

/** The values of one column of a relation for the rows of a batch: stored as decoded, or computed by an expression. */
export type Vector = Column | { readonly layout: 'values'; readonly values: readonly Value[] }

export const vectorReader = (vector: Vector, type: FieldType): ((row: number) => Value) =>
  vector.layout === 'values' ? (row) => vector.values[row] ?? null : columnReader(vector, type)
