import { invariant } from '#foundation/errors/mysimbdp-error.ts'
import type { Schema } from '#language/schemas/schema.ts'
import type { Column, RawFormat, RejectedRecord, Rejection } from '../records/record-batch.ts'
import type { ByteInput } from './byte-input.ts'
import { grown } from './columns/column-builder.ts'
import { TimestampColumn } from './columns/timestamp-column.ts'
import type { FutureGuard } from './decoder.ts'
import { createDecoderFields, type DecoderField, type FieldOptions } from './decoder-field.ts'
import { fromFuture } from './rejections.ts'
import { keepRows, type TakenBatch, unlessDense, withRejected } from './slice-decoded.ts'
import type { Reading } from './values/reading.ts'

/** A value for each field, null where there is none; or why the record is rejected. */
export type CarefulResult = { readonly readings: readonly (Reading | null)[] } | { readonly rejection: Rejection }

/** Whether `take` may be asked for records from the future, which need their bytes. */
export type FutureRecords = 'found' | 'unwatched'

export interface PendingOptions extends FieldOptions {
  readonly futureRecords?: FutureRecords
}

const ROWS_AT_FIRST = 256

/**
 * Received records that were not taken yet. Accepted ones are rows of the columns; their bytes stay in the input as long as
 * `take` may find that they come from the future. What was taken last is lent: it goes with `release`, before anything is received.
 */
export class PendingRecords {
  readonly fields: readonly DecoderField[]
  /** With the fields that are kept. */
  readonly #schema: Schema
  readonly #eventTime: string
  readonly #future: FutureRecords
  readonly #timestamps: readonly TimestampColumn[]
  /** Accepted records. */
  rows = 0
  /** Accepted and rejected records. */
  received = 0
  /** Rows there is room for. */
  capacity = 0
  /** Of each row: its place among the received records; where its bytes begin in the whole input and how many they are, if they are kept. */
  positions = new Uint32Array(0)
  starts = new Float64Array(0)
  lengths = new Uint32Array(0)
  /** How the bytes of the records are to be read; a CSV reader says so when it has its header. */
  format: RawFormat = { kind: 'json' }
  /** The same for the accepted record that begins at this place of the input, where they are not all read alike. */
  formatAt: (start: number) => RawFormat = () => this.format
  #rejected: RejectedRecord[] = []
  #lentRows = 0
  #lentReceived = 0

  readonly #options: PendingOptions

  constructor(options: PendingOptions) {
    const { schema, eventTime, futureRecords = 'found' } = options
    const fields = createDecoderFields(options)
    this.#options = options
    this.fields = fields
    this.#schema = fields.every(({ kept }) => kept)
      ? schema
      : { name: schema.name, fields: schema.fields.filter((_, index) => fields[index]!.kept) }
    this.#eventTime = eventTime
    this.#future = futureRecords
    this.#timestamps = fields.map(({ column }) => column).filter((column) => column instanceof TimestampColumn)
    this.reserve(ROWS_AT_FIRST)
  }

  /** The same with nothing in it. */
  twin(): PendingRecords {
    return new PendingRecords(this.#options)
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

  /** Takes back what a record that is not accepted, or not all there yet, has left in the row that the next one is written to. */
  clearRow(): void {
    if (this.rows < this.capacity) for (const { column } of this.fields) column.clear(this.rows)
  }

  reject(rejection: Rejection, raw: Uint8Array, rawLength: number): void {
    this.clearRow()
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

  /** Whether it must be known where the bytes of rows are. */
  get keepsBytes(): boolean {
    return this.#future === 'found'
  }

  /** Where the first byte that is still needed lies in the whole input. */
  get keepFrom(): number {
    return this.rows === 0 || !this.keepsBytes ? Number.POSITIVE_INFINITY : this.starts[0]!
  }

  /** Received records that were not taken. */
  get untaken(): number {
    return this.received - this.#lentReceived
  }

  /** Arrays of the batch are lent until `release`. */
  take(recordsMax: number, guard: FutureGuard, input: ByteInput): TakenBatch | undefined {
    this.release()
    const received = Math.min(recordsMax, this.received)
    if (received <= 0) return undefined
    const rows = countBelow(this.positions, this.rows, received)
    const rejected = this.#takeRejected(received)
    const ambiguousRows = this.#ambiguousRows(rows)
    const columns = this.fields.filter(({ kept }) => kept).map(({ column }) => column.borrow(rows))
    const eventTimeIndex = this.#schema.fields.findIndex(({ name }) => name === this.#eventTime)
    const eventTimes = (columns[eventTimeIndex] as Extract<Column, { layout: 'float64' }>).values
    const positions = unlessDense(this.positions.subarray(0, rows))
    const batch = { schema: this.#schema, rows, columns, eventTimes, positions }
    this.#lentRows = rows
    this.#lentReceived = received
    const taken = { received, batch, rejected, ambiguousTimes: ambiguousRows.length, ambiguousRows }
    return this.#withoutFuture(taken, guard, (row) => input.copy(this.starts[row]!, this.lengths[row]!))
  }

  /** Takes back what was lent, and moves the rows behind it to the front. */
  release(): void {
    if (this.#lentReceived === 0) return
    const [lent, staged] = [this.#lentRows, this.rows]
    for (const { column } of this.fields) column.release(lent, staged)
    this.starts.copyWithin(0, lent, staged)
    this.lengths.copyWithin(0, lent, staged)
    for (let row = lent; row < staged; row++) this.positions[row - lent] = this.positions[row]! - this.#lentReceived
    this.rows -= lent
    this.received -= this.#lentReceived
    this.#lentRows = 0
    this.#lentReceived = 0
  }

  resetDictionaries(): void {
    this.release()
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
    for (const { ambiguous, anyAmbiguous } of this.#timestamps) {
      if (!anyAmbiguous) continue
      for (let row = ambiguous.indexOf(1); row >= 0 && row < rows; row = ambiguous.indexOf(1, row + 1)) found.add(row)
    }
    return Uint32Array.from(found).sort()
  }

  #withoutFuture(taken: TakenBatch, guard: FutureGuard, rawOf: (row: number) => Uint8Array): TakenBatch {
    if (guard.maxFutureSkewMs === null) return taken
    invariant(this.keepsBytes, 'the bytes of records from the future were kept')
    const latestMs = guard.arrivalMs + guard.maxFutureSkewMs
    const { eventTimes, positions } = taken.batch
    const future = eventTimes.findIndex((eventTimeMs) => eventTimeMs > latestMs)
    if (future < 0) return taken
    const rejected: RejectedRecord[] = []
    const kept = Uint32Array.from(eventTimes.keys()).filter((row) => {
      if (eventTimes[row]! <= latestMs) return true
      const raw = rawOf(row)
      const rejection = fromFuture(this.#eventTime, eventTimes[row]!, latestMs)
      const format = this.formatAt(this.starts[row]!)
      rejected.push({ position: positions?.[row] ?? row, rejection, raw, rawLength: raw.length, format })
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
