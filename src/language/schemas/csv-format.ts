/**
 * How a CSV export that does not use the schema's field names maps to it. Pure data, declared with the stream.
 * A file is in this format when its header holds every column named in `columns`, and otherwise only columns in `ignored`.
 */
export interface CsvFormat {
  readonly name: string
  /** The CSV column each field is read from; one column may feed several fields. Every field of the schema must be here. */
  readonly columns: Readonly<Record<string, string>>
  /** Columns that may be present and are not read. */
  readonly ignored?: readonly string[]
  /** Sign that numbers may begin with, as in `$8.75`. */
  readonly currency?: string
  /** Separator that whole parts may carry, as in `3,060`. */
  readonly thousands?: string
  /** How timestamps are written, in the zone of the stream's app; ISO 8601 when absent. */
  readonly timestampPattern?: TimestampPattern
}

/** `04/13/2024 07:48:15 PM` */
export type TimestampPattern = 'MM/DD/YYYY hh:mm:ss A'
