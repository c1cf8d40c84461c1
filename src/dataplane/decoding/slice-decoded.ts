import { gatherColumn, gatherNumbers } from '../records/gather-column.ts'
import type { DecodedBatch, RejectedRecord } from '../records/record-batch.ts'

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
    columns: columns.map((column) => gatherColumn(column, rows)),
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
