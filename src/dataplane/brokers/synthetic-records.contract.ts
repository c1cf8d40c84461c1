import { createSchema, type Schema } from '#language/schemas/schema.ts'
import { columnReader } from '../records/column-reader.ts'
import type { Column, DecodedBatch, Dictionary, LoggedBatch, RejectedRecord } from '../records/record-batch.ts'
import type { StreamSpec } from './broker.ts'

/** A record as the tests of brokers write it; 'bad' is one that was rejected. */
export type SyntheticRecord =
  | { readonly id: string; readonly at: number; readonly fare: number; readonly payment: string | null }
  | 'bad'

export const syntheticSchema: Schema = createSchema('trip', [
  { name: 'id', type: { kind: 'string' }, nullable: false },
  { name: 'at', type: { kind: 'timestamp' }, nullable: false },
  { name: 'fare', type: { kind: 'decimal', precision: 10, scale: 2 }, nullable: false },
  { name: 'payment', type: { kind: 'string' }, nullable: true },
])

export const syntheticStream = (partitions = 1, topic = 'test_trips'): StreamSpec => ({
  topic,
  schema: syntheticSchema,
  eventTime: 'at',
  partitions,
})

/** Records `from` to `to - 1` of an endless stream: record i has the id `i` and the event time i seconds. */
export function numbered(from: number, to: number): SyntheticRecord[] {
  return Array.from({ length: to - from }, (_, index) => {
    const number = from + index
    return {
      id: String(number),
      at: number * 1000,
      fare: (number % 100) * 25,
      payment: number % 7 === 0 ? null : `payment ${number % 5}`,
    }
  })
}

/** Stands for a decoder: it owns the dictionary of `payment`, which grows from batch to batch. */
export class SyntheticDecoder {
  dictionary: Dictionary = { entries: [] }

  resetDictionaries(): void {
    this.dictionary = { entries: [] }
  }

  decode(records: readonly SyntheticRecord[]): DecodedBatch {
    const accepted = records.flatMap((record, position) => (record === 'bad' ? [] : [{ ...record, position }]))
    const ids = accepted.map((record) => Buffer.from(record.id))
    const offsets = new Uint32Array(ids.length + 1)
    for (const [row, id] of ids.entries()) offsets[row + 1] = offsets[row] + id.length
    const eventTimes = Float64Array.from(accepted, (record) => record.at)
    return {
      received: records.length,
      batch: {
        schema: syntheticSchema,
        rows: accepted.length,
        columns: [
          { layout: 'text', offsets, bytes: new Uint8Array(Buffer.concat(ids)), nulls: null },
          { layout: 'float64', values: eventTimes, nulls: null },
          { layout: 'float64', values: Float64Array.from(accepted, (record) => record.fare), nulls: null },
          {
            layout: 'dictionary',
            codes: Int32Array.from(accepted, (record) => this.#code(record.payment)),
            dictionary: this.dictionary,
          },
        ],
        eventTimes,
        positions: accepted.length === records.length ? null : Uint32Array.from(accepted, (record) => record.position),
      },
      rejected: records.flatMap((record, position) => (record === 'bad' ? [rejectedAt(position)] : [])),
      ambiguousTimes: 0,
    }
  }

  #code(text: string | null): number {
    if (text === null) return -1
    const { entries } = this.dictionary
    return entries.includes(text) ? entries.indexOf(text) : entries.push(text) - 1
  }
}

function rejectedAt(position: number): RejectedRecord {
  const raw = Buffer.from(`{"fare":"${position}"}`)
  return {
    position,
    rejection: { code: 'wrong_type', field: 'fare', expected: 'decimal(10, 2)', found: `"${position}"` },
    raw: new Uint8Array(raw),
    rawLength: raw.length,
    format: { kind: 'json' },
  }
}

/** The column `payment` of a batch. */
export function paymentOf({ batch }: LoggedBatch): Extract<Column, { layout: 'dictionary' }> {
  const column = batch.columns[3]
  if (column.layout !== 'dictionary') throw new Error(`payment came back as ${column.layout}`)
  return column
}

/** What batches of the log hold, as the records they were made from, with their offsets. */
export function recordsOf(batches: readonly LoggedBatch[]): ({ offset: number } & Exclude<SyntheticRecord, 'bad'>)[] {
  return batches.flatMap(({ baseOffset, batch }) =>
    Array.from({ length: batch.rows }, (_, row) => {
      const [id, at, fare, payment] = batch.columns
      if (at.layout !== 'float64' || fare.layout !== 'float64') throw new Error('unexpected layout')
      return {
        offset: baseOffset + (batch.positions?.[row] ?? row),
        id: columnReader(id, { kind: 'string' })(row) as string,
        at: at.values[row],
        fare: fare.values[row],
        payment: columnReader(payment, { kind: 'string' })(row) as string | null,
      }
    }),
  )
}

/** `records` as `recordsOf` gives them when the first one has offset `base`. */
export const expectedAt = (base: number, records: readonly SyntheticRecord[]): ReturnType<typeof recordsOf> =>
  records.flatMap((record, index) => (record === 'bad' ? [] : [{ offset: base + index, ...record }]))
