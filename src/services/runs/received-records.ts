import type { DeadLetter, StreamReader } from '#dataplane/brokers/broker.ts'
import { columnReader } from '#dataplane/records/column-reader.ts'
import type { DecodedBatch, LoggedBatch, RecordBatch } from '#dataplane/records/record-batch.ts'
import type { Value } from '#language/schemas/field-types.ts'

/** Records in the order in which they were received. */
export interface ReceivedRecords {
  /** Of each record its row in `columns`, or its bytes when it was rejected. */
  readonly records: readonly (number | Uint8Array)[]
  readonly columns: readonly ((row: number) => Value)[]
}

/** @param decoded each is valid until the next one is asked for, and so is the answer */
export async function* decodedRecords(decoded: AsyncIterable<DecodedBatch>): AsyncGenerator<ReceivedRecords, void> {
  for await (const { received, batch, rejected } of decoded) {
    const records: (number | Uint8Array)[] = Array.from({ length: received })
    for (let row = 0; row < batch.rows; row++) records[batch.positions?.[row] ?? row] = row
    for (const { position, raw } of rejected) records[position] = raw
    yield { records, columns: readersOf(batch) }
  }
}

const BATCH_RECORDS = 4096

/**
 * What the log of a bounded run received from its inputs: dead letters that were replayed count as what they were, and what replays appended does not
 * count. The log has one partition.
 */
export async function* loggedRecords(log: StreamReader): AsyncGenerator<ReceivedRecords, void> {
  const appendedAgain = new Set<number>()
  for (let fromOffset = 0; ; ) {
    const batches = await log.read(0, fromOffset, BATCH_RECORDS)
    if (batches.length === 0) return
    for (const batch of batches) {
      const letters = await log.deadLetters(0, { fromOffset: batch.baseOffset, limit: batch.received })
      yield { records: receivedIn(batch, letters, appendedAgain), columns: readersOf(batch.batch) }
      fromOffset = batch.endOffset
    }
  }
}

/** @param appendedAgain offsets of records that replays appended, as far as it is known: a letter stands before its copy */
function receivedIn(
  { baseOffset, endOffset, batch: { rows, positions } }: LoggedBatch,
  letters: readonly DeadLetter[],
  appendedAgain: Set<number>,
): readonly (number | Uint8Array)[] {
  const received = new Map<number, number | Uint8Array>()
  for (let row = 0; row < rows; row++) received.set(baseOffset + (positions?.[row] ?? row), row)
  for (const { offset, raw, replay } of letters) {
    if (offset < endOffset) received.set(offset, raw)
    if (replay?.kind === 'appended') appendedAgain.add(replay.offset)
  }
  const offsets = [...received.keys()].filter((offset) => !appendedAgain.has(offset))
  return offsets.sort((one, other) => one - other).map((offset) => received.get(offset)!)
}

const readersOf = ({ columns, schema }: RecordBatch): ReceivedRecords['columns'] =>
  columns.map((column, field) => columnReader(column, schema.fields[field]!.type))
