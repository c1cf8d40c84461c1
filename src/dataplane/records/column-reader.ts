import type { FieldType, Value } from '#language/schemas/field-types.ts'
import type { Column } from './record-batch.ts'

/** Reads a column row by row as plain values, whatever its layout: the slow way in, where a loop over the arrays is not worth its code. */
export function columnReader(column: Column, type: FieldType): (row: number) => Value {
  switch (column.layout) {
    case 'dictionary': {
      const { codes, dictionary } = column
      return (row) => (codes[row]! < 0 ? null : dictionary.entries[codes[row]!]!)
    }
    case 'text': {
      const { offsets, nulls } = column
      const bytes = Buffer.from(column.bytes.buffer, column.bytes.byteOffset, column.bytes.byteLength)
      return (row) =>
        nulls !== null && nulls[row] === 1 ? null : bytes.toString('utf8', offsets[row], offsets[row + 1])
    }
    case 'boolean': {
      const { values, nulls } = column
      return (row) => (nulls !== null && nulls[row] === 1 ? null : values[row] === 1)
    }
    case 'bigint64': {
      const { values, nulls } = column
      return (row) => (nulls !== null && nulls[row] === 1 ? null : values[row]!)
    }
    case 'int32':
    case 'float64':
      return numberReader(column.values, column.nulls, type)
  }
}

function numberReader(
  values: Float64Array | Int32Array,
  nulls: Uint8Array | null,
  type: FieldType,
): (row: number) => Value {
  if (type.kind === 'long' || type.kind === 'decimal')
    return (row) => (nulls !== null && nulls[row] === 1 ? null : BigInt(values[row]!))
  return (row) => (nulls !== null && nulls[row] === 1 ? null : values[row]!)
}
