import type { Schema } from '#language/schemas/schema.ts'
import { valueJson } from '#language/schemas/value-text.ts'
import { columnReader } from '../records/column-reader.ts'
import type { RecordBatch } from '../records/record-batch.ts'

/** What stands before each value, by schema: there are few schemas. */
const keysOfSchema = new WeakMap<Schema, readonly string[]>()

/**
 * One accepted record as a JSON object, keys in the order of the schema, nulls written, numbers with all their digits.
 * Timestamps are ISO 8601 texts in `timeZone`. For single records; it keeps nothing of a batch between calls.
 */
export function recordAsJson(batch: RecordBatch, row: number, timeZone = 'UTC'): string {
  return batch.rowAlone === undefined ? rowAsJson(batch, row, timeZone) : rowAsJson(batch.rowAlone(row), 0, timeZone)
}

function rowAsJson({ schema, columns }: RecordBatch, row: number, timeZone: string): string {
  let keys = keysOfSchema.get(schema)
  if (keys === undefined) {
    keys = schema.fields.map(({ name }, index) => `${index === 0 ? '{' : ','}${JSON.stringify(name)}:`)
    keysOfSchema.set(schema, keys)
  }
  let text = ''
  for (const [index, column] of columns.entries()) {
    const { type } = schema.fields[index]!
    text += keys[index]! + valueJson(columnReader(column, type)(row), type, timeZone)
  }
  return `${text}}`
}
