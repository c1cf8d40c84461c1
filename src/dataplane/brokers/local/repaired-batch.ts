import { concatBatches } from '../../records/concat-batches.ts'
import { gatherColumn, gatherNumbers } from '../../records/gather-column.ts'
import type { LoggedBatch, RecordBatch } from '../../records/record-batch.ts'

/** A dead letter that was placed: a batch of one row. */
export interface PlacedRecord {
  readonly offset: number
  readonly batch: RecordBatch
}

/** A batch as if the placed records, in the order of their offsets, had been right at once. */
export function repairedBatch(logged: LoggedBatch, placed: readonly PlacedRecord[]): LoggedBatch {
  if (placed.length === 0) return logged
  const { batch, baseOffset } = logged
  const positions = positionsOf(batch)
  const all = Uint32Array.from([...positions, ...placed.map(({ offset }) => offset - baseOffset)])
  const order = Uint32Array.from(all.keys()).sort((a, b) => all[a]! - all[b]!)
  const joined = concatBatches([batch, ...placed.map((record) => record.batch)])
  const merged = gatherNumbers(all, order)
  const eventTimes = gatherNumbers(joined.eventTimes, order)
  return {
    ...logged,
    minEventTime: Math.min(logged.minEventTime, ...placed.map((record) => record.batch.eventTimes[0]!)),
    maxEventTime: Math.max(logged.maxEventTime, ...placed.map((record) => record.batch.eventTimes[0]!)),
    batch: {
      schema: batch.schema,
      rows: joined.rows,
      columns: joined.columns.map((column) => gatherColumn(column, order)),
      eventTimes,
      positions: merged.at(-1) === merged.length - 1 ? null : merged,
    },
  }
}

const positionsOf = ({ positions, rows }: RecordBatch): Uint32Array =>
  positions ?? Uint32Array.from({ length: rows }, (_, row) => row)
