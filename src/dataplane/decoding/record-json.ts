import { valueJson } from '#language/schemas/value-text.ts'
import { columnReader } from '../records/column-reader.ts'
import type { RecordBatch } from '../records/record-batch.ts'

/**
 * One accepted record as a JSON object, keys in the order of the schema, nulls written, numbers with all their digits.
 * Timestamps are ISO 8601 texts in `timeZone`. For single records; it does not keep anything between calls.
 */
export function recordAsJson({ schema, columns }: RecordBatch, row: number, timeZone = 'UTC'): string {
  const members = schema.fields.map(
    ({ name, type }, index) =>
      `${JSON.stringify(name)}:${valueJson(columnReader(columns[index]!, type)(row), type, timeZone)}`,
  )
  return `{${members.join(',')}}`
}
