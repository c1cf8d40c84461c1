import { isNumeric } from '#language/schemas/field-types.ts'
import { TimestampColumn } from '../columns/timestamp-column.ts'
import type { DecoderField } from '../decoder-field.ts'
import type { CsvValueForm } from '../values/read-csv-value.ts'

/** Reads a field that is not empty and has no doubled quotes; false when not sure. */
export type QuickCsvField = (bytes: Uint8Array, view: DataView, start: number, end: number, row: number) => boolean

const UTF8 = new TextEncoder()

/** The quick way for a field of a file in this form. Thousands separators always take the careful way. */
export function quickCsvField({ column, type }: DecoderField, form: CsvValueForm): QuickCsvField {
  if (column instanceof TimestampColumn && form.timestampPattern !== undefined) {
    return (bytes, _view, start, end, row) => column.readPortalCsv(bytes, start, end, row)
  }
  const sign = UTF8.encode(isNumeric(type) ? (form.currency ?? '') : '')
  if (sign.length === 0) return (bytes, view, start, end, row) => column.readCsv(bytes, view, start, end, row)
  return (bytes, view, start, end, row) => {
    const signed = sign.every((byte, index) => bytes[start + index] === byte)
    const from = signed ? start + sign.length : start
    return from < end && column.readCsv(bytes, view, from, end, row)
  }
}
