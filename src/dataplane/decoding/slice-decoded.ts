import type { Column, DecodedBatch, RejectedRecord } from '../records/record-batch.ts'

/** A decoded batch that still knows which rows had a local time that occurs twice, so that parts of it can be counted. */
export interface TakenBatch extends DecodedBatch {
  /** Ascending. */
  readonly ambiguousRows: Uint32Array
}

/** Positions are left out where row i is at position i. They ascend, so the last one tells. */
export const unlessDense = (positions: Uint32Array): Uint32Array | null =>
  positions.length === 0 || positions.at(-1) === positions.length - 1 ? null : positions

/** The batch with these rows only, which ascend. Positions and received count stay as they are. */
export function keepRows(taken: TakenBatch, rows: Uint32Array): TakenBatch {
  const { schema, columns, positions, eventTimes } = taken.batch
  const ambiguous = new Set(taken.ambiguousRows)
  const ambiguousRows = Uint32Array.from(rows.keys()).filter((index) => ambiguous.has(rows[index]!))
  const batch = {
    schema,
    rows: rows.length,
    columns: columns.map((column) => gather(column, rows)),
    eventTimes: gatherNumbers(eventTimes, rows),
    positions: unlessDense(positions === null ? rows : gatherNumbers(positions, rows)),
  }
  return { ...taken, batch, ambiguousRows, ambiguousTimes: ambiguousRows.length }
}

export const withRejected = (taken: TakenBatch, more: readonly RejectedRecord[]): TakenBatch => ({
  ...taken,
  rejected: [...taken.rejected, ...more].sort((a, b) => a.position - b.position),
})

/**
 * Drops the first `from` received records, accepted or not. Positions begin at 0 again.
 * For a batch that no decoder made, ambiguous times cannot be told apart and count 0 once anything is dropped.
 */
export function sliceDecoded(decoded: DecodedBatch, from: number): DecodedBatch {
  if (from <= 0) return decoded
  const positions = decoded.batch.positions ?? Uint32Array.from({ length: decoded.batch.rows }, (_, row) => row)
  const first = positions.findIndex((position) => position >= from)
  const rows = first < 0 ? new Uint32Array(0) : Uint32Array.from(positions.keys()).subarray(first)
  const ambiguousRows = 'ambiguousRows' in decoded ? (decoded as TakenBatch).ambiguousRows : new Uint32Array(0)
  const kept = keepRows({ ...decoded, ambiguousRows }, rows)
  const shifted = gatherNumbers(positions, rows).map((position) => position - from)
  return {
    ...kept,
    received: Math.max(decoded.received - from, 0),
    batch: { ...kept.batch, positions: unlessDense(shifted) },
    rejected: decoded.rejected
      .filter(({ position }) => position >= from)
      .map((record) => ({ ...record, position: record.position - from })),
  }
}

type Gathered = Float64Array | Int32Array | BigInt64Array | Uint8Array | Uint32Array

function gatherNumbers<A extends Gathered>(values: A, rows: Uint32Array): A {
  const gathered = new (values.constructor as new (length: number) => A)(rows.length)
  for (let index = 0; index < rows.length; index++) gathered[index] = values[rows[index]!]!
  return gathered
}

function gather(column: Column, rows: Uint32Array): Column {
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
