import type { Schema } from '#language/schemas/schema.ts'
import type { Column, RawFormat, RejectedRecord, Rejection } from '../records/record-batch.ts'
import type { ByteInput } from './byte-input.ts'
import { grown, takeFirst } from './columns/column-builder.ts'
import { TimestampColumn } from './columns/timestamp-column.ts'
import type { FutureGuard } from './decoder.ts'
import type { DecoderField } from './decoder-field.ts'
import { fromFuture } from './rejections.ts'
import { keepRows, type TakenBatch, unlessDense, withRejected } from './slice-decoded.ts'
import type { Reading } from './values/reading.ts'

/** A value for each field, null where there is none; or why the record is rejected. */
export type CarefulResult = { readonly readings: readonly (Reading | null)[] } | { readonly rejection: Rejection }

const ROWS_AT_FIRST = 256

/**
 * Received records that were not taken yet. Accepted ones are rows of the columns; their bytes stay in the input, because
 * `take` may still find that they come from the future.
 */
export class PendingRecords {
  readonly fields: readonly DecoderField[]
  readonly #schema: Schema
  readonly #eventTimeIndex: number
  readonly #timestamps: readonly TimestampColumn[]
  /** Accepted records. */
  rows = 0
  /** Accepted and rejected records. */
  received = 0
  /** Rows there is room for. */
  capacity = 0
  /** Of each row: its place among the received records, where its bytes begin in the whole input, and how many they are. */
  positions = new Uint32Array(0)
  starts = new Float64Array(0)
  lengths = new Uint32Array(0)
  /** How the bytes of the records are to be read; a CSV reader says so when it has its header. */
  format: RawFormat = { kind: 'json' }
  #rejected: RejectedRecord[] = []

  constructor(schema: Schema, eventTime: string, fields: readonly DecoderField[]) {
    this.fields = fields
    this.#schema = schema
    this.#eventTimeIndex = fields.findIndex(({ name }) => name === eventTime)
    this.#timestamps = fields.map(({ column }) => column).filter((column) => column instanceof TimestampColumn)
    this.reserve(ROWS_AT_FIRST)
  }

  reserve(capacity: number): void {
    this.positions = grown(this.positions, capacity)
    this.starts = grown(this.starts, capacity)
    this.lengths = grown(this.lengths, capacity)
    for (const { column } of this.fields) column.reserve(capacity)
    this.capacity = capacity
  }

  /** The row that the next accepted record is written to. */
  nextRow(): number {
    if (this.rows === this.capacity) this.reserve(this.capacity * 2)
    return this.rows
  }

  /** Counts the record that was written to `nextRow()`. `start` counts from the beginning of the input. */
  accept(start: number, length: number): void {
    this.positions[this.rows] = this.received++
    this.starts[this.rows] = start
    this.lengths[this.rows++] = length
  }

  reject(rejection: Rejection, raw: Uint8Array, rawLength: number): void {
    this.#rejected.push({ position: this.received++, rejection, raw, rawLength, format: this.format })
  }

  /** Takes a record as a careful reader understood it. `record` lies at `start` of the whole input. */
  receive(result: CarefulResult, record: Uint8Array, start: number): void {
    if ('rejection' in result) {
      this.reject(result.rejection, record.slice(), record.length)
      return
    }
    const row = this.nextRow()
    result.readings.forEach((reading, index) => {
      const { column } = this.fields[index]!
      if (reading === null) column.setNull(row)
      else if (reading.fault === null) column.set(row, reading.value, reading.ambiguous)
    })
    this.accept(start, record.length)
  }

  /** Where the first byte that is still needed lies in the whole input. */
  get keepFrom(): number {
    return this.rows === 0 ? Number.POSITIVE_INFINITY : this.starts[0]!
  }

  take(recordsMax: number, guard: FutureGuard, input: ByteInput): TakenBatch | undefined {
    const received = Math.min(recordsMax, this.received)
    if (received <= 0) return undefined
    const rows = countBelow(this.positions, this.rows, received)
    const rejected = this.#takeRejected(received)
    const ambiguousRows = this.#ambiguousRows(rows)
    const columns = this.fields.map(({ column }) => column.take(rows, this.rows))
    const starts = takeFirst(this.starts, rows, this.rows)
    const lengths = takeFirst(this.lengths, rows, this.rows)
    const positions = takeFirst(this.positions, rows, this.rows)
    this.rows -= rows
    this.received -= received
    for (let row = 0; row < this.rows; row++) this.positions[row]! -= received
    const eventTimes = (columns[this.#eventTimeIndex] as Extract<Column, { layout: 'float64' }>).values
    const batch = { schema: this.#schema, rows, columns, eventTimes, positions: unlessDense(positions) }
    const taken = { received, batch, rejected, ambiguousTimes: ambiguousRows.length, ambiguousRows }
    return this.#withoutFuture(taken, guard, (row) => input.copy(starts[row]!, lengths[row]!))
  }

  resetDictionaries(): void {
    for (const { column } of this.fields) column.resetDictionary(this.rows)
  }

  #takeRejected(received: number): RejectedRecord[] {
    const after = this.#rejected.findIndex(({ position }) => position >= received)
    const taken = this.#rejected.splice(0, after < 0 ? this.#rejected.length : after)
    this.#rejected = this.#rejected.map((record) => ({ ...record, position: record.position - received }))
    return taken
  }

  #ambiguousRows(rows: number): Uint32Array {
    const found = new Set<number>()
    for (const { ambiguous } of this.#timestamps) {
      for (let row = ambiguous.indexOf(1); row >= 0 && row < rows; row = ambiguous.indexOf(1, row + 1)) found.add(row)
    }
    return Uint32Array.from(found).sort()
  }

  #withoutFuture(taken: TakenBatch, guard: FutureGuard, rawOf: (row: number) => Uint8Array): TakenBatch {
    if (guard.maxFutureSkewMs === null) return taken
    const latestMs = guard.arrivalMs + guard.maxFutureSkewMs
    const { eventTimes, positions } = taken.batch
    const future = eventTimes.findIndex((eventTimeMs) => eventTimeMs > latestMs)
    if (future < 0) return taken
    const { name } = this.fields[this.#eventTimeIndex]!
    const rejected: RejectedRecord[] = []
    const kept = Uint32Array.from(eventTimes.keys()).filter((row) => {
      if (eventTimes[row]! <= latestMs) return true
      const raw = rawOf(row)
      const rejection = fromFuture(name, eventTimes[row]!, latestMs)
      rejected.push({ position: positions?.[row] ?? row, rejection, raw, rawLength: raw.length, format: this.format })
      return false
    })
    return withRejected(keepRows(taken, kept), rejected)
  }
}

/** How many of the first `length` numbers, which ascend, are below `limit`. */
function countBelow(ascending: Uint32Array, length: number, limit: number): number {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (ascending[middle]! < limit) low = middle + 1
    else high = middle
  }
  return low
}
