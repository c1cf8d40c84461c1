import { valueText } from '#language/schemas/value-text.ts'
import { columnReader } from '../../records/column-reader.ts'
import type { DecodedBatch } from '../../records/record-batch.ts'
import type { PlacedRecords } from '../broker.ts'
import { partitionOfKey } from './key-hash.ts'

/** Where each received record of a batch goes, by its position. */
export interface BatchPlaces {
  readonly partitions: Uint16Array
  /** Null where records have no key. */
  readonly keys: readonly (Buffer | null)[] | null
}

/** Runs are no shorter: what is written together is read together, and a batch costs something by itself. */
const RUN_RECORDS_MIN = 256

/**
 * Chooses the partitions of records: by key where the stream names one, as Kafka's own producers do, else in runs, one partition after the other. All
 * partitions move on together so, and none of them holds the watermark for long.
 */
export class RecordPlacing {
  readonly #partitions: number
  readonly #keyBy: string | null
  /** Where the next run goes. */
  #turn = 0

  /** @param keyBy a field; null: records have no key */
  constructor(partitions: number, keyBy: string | null) {
    this.#partitions = partitions
    this.#keyBy = keyBy
  }

  /**
   * Places of batches that are written in one transaction.
   * @param partition where all of them go; null: where they belong
   */
  place(batches: readonly DecodedBatch[], partition: number | null): readonly BatchPlaces[] {
    const placed = batches.map(({ received }) => new Uint16Array(received).fill(partition ?? 0))
    if (partition === null) this.#placeRuns(placed)
    return batches.map((decoded, index) => {
      const partitions = placed[index]!
      const keys = this.#keyBy === null ? null : keysOf(decoded, this.#keyBy)
      if (partition === null)
        for (const [position, key] of (keys ?? []).entries())
          if (key !== null) partitions[position] = partitionOfKey(key, this.#partitions)
      return { partitions, keys }
    })
  }

  #placeRuns(placed: readonly Uint16Array[]): void {
    if (this.#partitions === 1) return
    const records = placed.reduce((sum, { length }) => sum + length, 0)
    if (records === 0) return
    const runs = Math.min(this.#partitions, Math.max(1, Math.floor(records / RUN_RECORDS_MIN)))
    const runLength = Math.ceil(records / runs)
    let record = 0
    for (const partitions of placed)
      for (let position = 0; position < partitions.length; position++, record++)
        partitions[position] = (this.#turn + Math.floor(record / runLength)) % this.#partitions
    this.#turn = (this.#turn + runs) % this.#partitions
  }
}

/** By position; null for a record that was rejected, and where the field is null. */
function keysOf({ received, batch }: DecodedBatch, field: string): (Buffer | null)[] {
  const keys = new Array<Buffer | null>(received).fill(null)
  if (batch.rows === 0) return keys
  const index = batch.schema.fields.findIndex(({ name }) => name === field)
  const { type } = batch.schema.fields[index]!
  const read = columnReader(batch.columns[index]!, type)
  for (let row = 0; row < batch.rows; row++) {
    const value = read(row)
    if (value !== null) keys[batch.positions?.[row] ?? row] = Buffer.from(valueText(value, type))
  }
  return keys
}

/** What a batch brings to each partition. */
export function placedRecords({ batch }: DecodedBatch, { partitions }: BatchPlaces): readonly PlacedRecords[] {
  const placed = new Map<number, { accepted: number; maxEventTimeMs: number }>()
  for (const partition of new Set(partitions)) placed.set(partition, { accepted: 0, maxEventTimeMs: -Infinity })
  for (let row = 0; row < batch.rows; row++) {
    const records = placed.get(partitions[batch.positions?.[row] ?? row]!)!
    records.accepted++
    records.maxEventTimeMs = Math.max(records.maxEventTimeMs, batch.eventTimes[row]!)
  }
  return [...placed].map(([partition, records]) => ({ partition, ...records }))
}
