import { columnReader } from '#dataplane/records/column-reader.ts'
import type { Column, Dictionary, RecordBatch } from '#dataplane/records/record-batch.ts'
import type { FieldType } from '#language/schemas/field-types.ts'
import { valueJson } from '#language/schemas/value-text.ts'

type TextOf = (row: number) => string

/** Members of the rows of a batch as JSON texts, but for one field. */
export interface MemberTexts {
  /** `"trip_id":"a","fare":12.50,` */
  of(row: number): string
  /** Whether any of these fields is null. */
  hasNull(row: number): boolean
}

/** Numbers keep all their digits; timestamps are epoch ms. `omitted` is the field that is left out. */
export function memberTexts({ schema, columns }: RecordBatch, omitted: string): MemberTexts {
  const members = schema.fields
    .map(({ name, type }, index) => ({ name, textOf: textOfColumn(columns[index]!, type) }))
    .filter(({ name }) => name !== omitted)
    .map(({ name, textOf }) => ({ label: `${JSON.stringify(name)}:`, textOf }))
  return {
    of: (row) => {
      let text = ''
      for (const { label, textOf } of members) text += `${label}${textOf(row)},`
      return text
    },
    hasNull: (row) => members.some(({ textOf }) => textOf(row) === 'null'),
  }
}

function textOfColumn(column: Column, type: FieldType): TextOf {
  if (column.layout === 'dictionary') {
    const texts = quotedEntries(column.dictionary)
    return (row) => (column.codes[row]! < 0 ? 'null' : texts(column.codes[row]!))
  }
  if (column.layout === 'float64' && (type.kind === 'decimal' || type.kind === 'long' || type.kind === 'timestamp'))
    return exactText(column.values, column.nulls, type.kind === 'decimal' ? type.scale : 0)
  const read = columnReader(column, type)
  return type.kind === 'timestamp' ? (row) => String(read(row)) : (row) => valueJson(read(row), type, 'UTC')
}

/** Exact integers with a point before the last `scale` digits, without the way over BigInt. */
function exactText(values: Float64Array, nulls: Uint8Array | null, scale: number): TextOf {
  return (row) => {
    if (nulls !== null && nulls[row] === 1) return 'null'
    const value = values[row]!
    if (scale === 0) return String(value)
    const digits = String(Math.abs(value)).padStart(scale + 1, '0')
    return `${value < 0 ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
  }
}

/** Batches share dictionaries: a string that repeats is quoted once. */
const quoted = new WeakMap<Dictionary, string[]>()

function quotedEntries(dictionary: Dictionary): (code: number) => string {
  const texts = quoted.get(dictionary) ?? []
  quoted.set(dictionary, texts)
  return (code) => (texts[code] ??= JSON.stringify(dictionary.entries[code]))
}
