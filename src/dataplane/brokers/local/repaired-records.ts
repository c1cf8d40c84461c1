import { withoutDictionaries } from '../../records/concat-batches.ts'
import { encodeBatch } from '../../records/encode-batch.ts'
import { gatherRows } from '../../records/gather-column.ts'
import type { RepairedRecords } from '../broker.ts'
import type { PartitionReader } from './partition-reader.ts'
import type { StoredRepair } from './repair-table.ts'

/** Those of the records whose dead letters were not replayed yet. */
export function withoutReplayed(records: RepairedRecords, reader: PartitionReader): RepairedRecords {
  const { letters, batch } = records
  if (letters.length === 0) return records
  const replays = reader.replays(letters[0]!, letters.at(-1)!)
  const rows = Uint32Array.from(letters.keys()).filter((row) => !replays.has(letters[row]!))
  return {
    ...records,
    letters: Array.from(rows, (row) => letters[row]!),
    batch: gatherRows(batch, rows),
  }
}

/** Each record as the row of a segment. */
export const storedRepairs = ({ letters, batch, nowMs }: RepairedRecords): readonly StoredRepair[] =>
  letters.map((letter, row) => ({
    record_offset: letter,
    repaired_ms: nowMs,
    event_time_ms: batch.eventTimes[row]!,
    body: oneRow(batch, row),
  }))

const oneRow = (batch: RepairedRecords['batch'], row: number): Uint8Array =>
  encodeBatch(withoutDictionaries(gatherRows(batch, Uint32Array.of(row))), () => 0).slice()
