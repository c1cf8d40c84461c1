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

const rowAsJson = (batch: RecordBatch, row: number, timeZone: string): string => recordsAsJson(batch, timeZone)(row)

/** The same for many records of a batch, by row. */
export function recordsAsJson({ schema, columns }: RecordBatch, timeZone: string): (row: number) => string {
  let keys = keysOfSchema.get(schema)
  if (keys === undefined) {
    keys = schema.fields.map(({ name }, index) => `${index === 0 ? '{' : ','}${JSON.stringify(name)}:`)
    keysOfSchema.set(schema, keys)
  }
  const fields = columns.map((column, index) => {
    const { type } = schema.fields[index]!
    return { key: keys[index]!, type, read: columnReader(column, type) }
  })
  return (row) => {
    let text = ''
    for (const { key, type, read } of fields) text += key + valueJson(read(row), type, timeZone)
    return `${text}}`
  }
}
