import type { CsvFormat } from '#language/schemas/csv-format.ts'
import type { Rejection } from '../../records/record-batch.ts'
import type { DecoderField } from '../decoder-field.ts'
import { renamedField } from '../rejections.ts'
import type { CsvValueForm } from '../values/read-csv-value.ts'

/** What the header of a file says about its rows. */
export interface CsvHeader {
  /** Columns each row must have; null when the header itself cannot be read. */
  readonly columnCount: number | null
  /** For each field of the schema the index of its column, -1 when there is none. */
  readonly columnOf: readonly number[]
  readonly form: CsvValueForm
  /** Why no row of this file can be right. */
  readonly fault: Rejection | null
}

/** Semantics 1.6: a declared format whose columns are exactly those of the header, else the names are field names. */
export function readCsvHeader(
  names: readonly string[],
  fields: readonly DecoderField[],
  formats: readonly CsvFormat[],
): CsvHeader {
  const format = formats.find((candidate) => matches(candidate, names))
  const columnOf = fields.map(({ name }) => names.lastIndexOf(format === undefined ? name : format.columns[name]!))
  return {
    columnCount: names.length,
    columnOf,
    form: format ?? {},
    fault: format === undefined ? renamed(names, fields) : null,
  }
}

/** Every row of a file whose header cannot be read is rejected for the header's reason. */
export const unreadableHeader = (fields: readonly DecoderField[], fault: Rejection): CsvHeader => ({
  columnCount: null,
  columnOf: fields.map(() => -1),
  form: {},
  fault,
})

function matches({ columns, ignored = [] }: CsvFormat, names: readonly string[]): boolean {
  const read = new Set(Object.values(columns))
  const present = new Set(names)
  return [...read].every((name) => present.has(name)) && names.every((name) => read.has(name) || ignored.includes(name))
}

function renamed(names: readonly string[], fields: readonly DecoderField[]): Rejection | null {
  const missing = fields.find(({ name }) => !names.includes(name))
  const unknown = names.find((name) => fields.every((field) => field.name !== name))
  return missing !== undefined && unknown !== undefined ? renamedField(missing, unknown) : null
}
