import type { Column, RecordBatch } from './record-batch.ts'

type Gathered = Float64Array | Int32Array | BigInt64Array | Uint8Array | Uint32Array

/** The values at these rows. */
export function gatherNumbers<A extends Gathered>(values: A, rows: Uint32Array): A {
  const gathered = new (values.constructor as new (length: number) => A)(rows.length)
  for (let index = 0; index < rows.length; index++) gathered[index] = values[rows[index]!]!
  return gathered
}

/** The values of these rows, in the order in which `rows` names them. */
export function gatherColumn(column: Column, rows: Uint32Array): Column {
  switch (column.layout) {
    case 'dictionary':
      return { ...column, codes: gatherNumbers(column.codes, rows) }
    case 'text':
      return {
        layout: 'text',
        ...gatherText(column.offsets, column.bytes, rows),
        nulls: gatherNulls(column.nulls, rows),
      }
    case 'float64':
      return { layout: 'float64', values: gatherNumbers(column.values, rows), nulls: gatherNulls(column.nulls, rows) }
    case 'int32':
      return { layout: 'int32', values: gatherNumbers(column.values, rows), nulls: gatherNulls(column.nulls, rows) }
    case 'bigint64':
      return gatherWide(column.values, gatherNulls(column.nulls, rows), rows)
    case 'boolean':
      return { layout: 'boolean', values: gatherNumbers(column.values, rows), nulls: gatherNulls(column.nulls, rows) }
  }
}

/** bigint64 stands for values beyond 2^53 - 1 only; when those are gone the doubles are back. */
function gatherWide(values: BigInt64Array, nulls: Uint8Array | null, rows: Uint32Array): Column {
  const gathered = gatherNumbers(values, rows)
  if (!gathered.every((value) => Number.isSafeInteger(Number(value))))
    return { layout: 'bigint64', values: gathered, nulls }
  return { layout: 'float64', values: Float64Array.from(gathered, Number), nulls }
}

function gatherNulls(nulls: Uint8Array | null, rows: Uint32Array): Uint8Array | null {
  const gathered = nulls === null ? null : gatherNumbers(nulls, rows)
  return gathered?.includes(1) ? gathered : null
}

function gatherText(
  offsets: Uint32Array,
  bytes: Uint8Array,
  rows: Uint32Array,
): { offsets: Uint32Array; bytes: Uint8Array } {
  const gathered = new Uint32Array(rows.length + 1)
  rows.forEach((row, index) => {
    gathered[index + 1] = gathered[index]! + offsets[row + 1]! - offsets[row]!
  })
  const text = new Uint8Array(gathered[rows.length]!)
  for (const [index, row] of rows.entries()) text.set(bytes.subarray(offsets[row], offsets[row + 1]), gathered[index])
  return { offsets: gathered, bytes: text }
}

/** A batch of these rows, one after the other. */
export const gatherRows = (batch: RecordBatch, rows: Uint32Array): RecordBatch => ({
  schema: batch.schema,
  rows: rows.length,
  columns: batch.columns.map((column) => gatherColumn(column, rows)),
  eventTimes: gatherNumbers(batch.eventTimes, rows),
  positions: null,
})
