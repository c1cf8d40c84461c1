import type { Schema } from '#language/schemas/schema.ts'

/**
 * Strings of one column that repeat, in the order they were first seen. Append-only: batches that share a dictionary
 * share its codes, so a reader may keep what it derived from a code for as long as it holds the same dictionary.
 */
export interface Dictionary {
  readonly entries: string[]
}

/**
 * The values of one field for every row of a batch. `nulls[row]` is 1 where the value is null (its slot is then 0);
 * `nulls` is null where no row is null. Layout by type:
 *   float64     double, float, timestamp (epoch ms), decimal and long (exact integers, all |v| <= 2^53 - 1)
 *   int32       int, date (days since 1970-01-01)
 *   bigint64    long, and decimal beyond 15 digits, in a batch where some |v| > 2^53 - 1
 *   boolean     boolean, 0 or 1
 *   dictionary  string, uuid: index into `dictionary.entries`, -1 for null
 *   text        string, uuid: UTF-8 bytes of row i at [offsets[i], offsets[i + 1])
 * Decimals hold the unscaled value: 12.50 at scale 2 is 1250.
 */
export type Column =
  | { readonly layout: 'float64'; readonly values: Float64Array; readonly nulls: Uint8Array | null }
  | { readonly layout: 'int32'; readonly values: Int32Array; readonly nulls: Uint8Array | null }
  | { readonly layout: 'bigint64'; readonly values: BigInt64Array; readonly nulls: Uint8Array | null }
  | { readonly layout: 'boolean'; readonly values: Uint8Array; readonly nulls: Uint8Array | null }
  | { readonly layout: 'dictionary'; readonly codes: Int32Array; readonly dictionary: Dictionary }
  | {
      readonly layout: 'text'
      readonly offsets: Uint32Array
      readonly bytes: Uint8Array
      readonly nulls: Uint8Array | null
    }

/** Accepted records, column by column, in the order they were received. */
export interface RecordBatch {
  readonly schema: Schema
  readonly rows: number
  /** One column for each field of the schema, in its order. Typed arrays have exactly `rows` elements. */
  readonly columns: readonly Column[]
  /** Epoch ms of each row: the values of the stream's event-time column. */
  readonly eventTimes: Float64Array
  /**
   * Each received record has an offset, rejected ones too: row i has offset base + positions[i].
   * Null where no record between was rejected, so that row i has offset base + i.
   */
  readonly positions: Uint32Array | null
  /** A row as a batch of its own; where it is there it costs less than to ask for whole columns. */
  readonly rowAlone?: (row: number) => RecordBatch
}

/** Why a record did not count. `code` is stable, the rest is for people. */
export interface Rejection {
  readonly code: RejectionCode
  /** The field at fault, where there is one. */
  readonly field: string | null
  /** What the schema asks for, as in `decimal(10, 2)`. */
  readonly expected: string | null
  /** What was there, shortened to at most 80 characters. */
  readonly found: string | null
}

export const rejectionCodes = {
  malformed: 'the record is not well-formed',
  not_an_object: 'the record is well-formed JSON, but no object',
  wrong_encoding: 'the record is not valid UTF-8',
  too_large: 'the record is larger than the limit',
  wrong_type: 'a value has another type than the field',
  out_of_range: 'a number does not fit into the type of the field',
  too_many_decimals: 'a number has more decimals than the field keeps',
  invalid_time: 'a timestamp or date is not a possible one, or in no known form',
  nonexistent_local_time: 'a local time falls into the hour that daylight saving time skips',
  null_not_allowed: 'a field that must have a value is null',
  missing_field: 'a field that must be present is missing',
  renamed_field: 'a known field is missing and an unknown one is present, as after a wrong mapping',
  wrong_column_count: 'the CSV row has another number of columns than its header',
  from_future: 'the event time is further ahead of the arrival than the stream allows',
} as const

export type RejectionCode = keyof typeof rejectionCodes

export interface RejectedRecord {
  /** Its place among the received records of the batch: its offset is base + position. */
  readonly position: number
  readonly rejection: Rejection
  /** The record as it was received. */
  readonly raw: Uint8Array
  /** The bytes the record had; more than `raw.length` only beyond the hard limit on what is kept. */
  readonly rawLength: number
  readonly format: RawFormat
}

/**
 * How raw bytes are to be read: a CSV row means nothing without the header line it was read under (without its line end), an Avro
 * record nothing without the schema it was written with (its JSON as it came).
 */
export type RawFormat =
  | { readonly kind: 'json' }
  | { readonly kind: 'csv'; readonly header: Uint8Array }
  | { readonly kind: 'avro'; readonly schema: Uint8Array }

/** What decoding a piece of input gives: what counts, and what does not and why. Nothing is missing between the two. */
export interface DecodedBatch {
  /** Accepted and rejected records together. */
  readonly received: number
  readonly batch: RecordBatch
  readonly rejected: readonly RejectedRecord[]
  /** Accepted records with a local time that occurs twice; the first occurrence was taken. */
  readonly ambiguousTimes: number
}

/** A decoded batch as the log holds it: with its place and what lateness needs to know. */
export interface LoggedBatch {
  readonly partition: number
  /** Offset of the first received record. The next batch begins at `baseOffset + received`. */
  readonly baseOffset: number
  readonly received: number
  /** When the log appended it, epoch ms. */
  readonly arrivalMs: number
  /** Greatest event time before this batch in this partition, of accepted records and idle marks; -Infinity at the start. */
  readonly maxEventTimeBefore: number
  /** Least and greatest event time in the batch; Infinity and -Infinity when no record was accepted. */
  readonly minEventTime: number
  readonly maxEventTime: number
  readonly batch: RecordBatch
  /** Records that were rejected as they were read, where that is when they are decoded. A log of decoded records keeps its own. */
  readonly rejected?: readonly RejectedRecord[]
}
