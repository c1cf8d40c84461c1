import type { gatherNumbers } from './gather-column.ts'
import type { Column, RecordBatch } from './record-batch.ts'

/** Rows of several batches of one schema, one batch after the other. Strings become text; positions are those of the rows. */
export function concatBatches(batches: readonly RecordBatch[]): RecordBatch {
  const rows = batches.reduce((sum, batch) => sum + batch.rows, 0)
  const { schema } = batches[0]!
  const columns = schema.fields.map((_, index) =>
    concatColumns(
      batches.map(({ columns }) => asText(columns[index]!)),
      rows,
    ),
  )
  const eventTimes = concatNumbers(
    batches.map((batch) => batch.eventTimes),
    new Float64Array(rows),
  )
  return { schema, rows, columns, eventTimes, positions: null }
}

/** The same batch with its strings in it, so that its bytes mean the same without the dictionaries beside it. */
export const withoutDictionaries = (batch: RecordBatch): RecordBatch => ({
  ...batch,
  columns: batch.columns.map(asText),
})

function asText(column: Column): Exclude<Column, { layout: 'dictionary' }> {
  if (column.layout !== 'dictionary') return column
  const { codes, dictionary } = column
  const encoded = new Map<number, Uint8Array>()
  const offsets = new Uint32Array(codes.length + 1)
  for (const [row, code] of codes.entries()) {
    if (code >= 0 && !encoded.has(code)) encoded.set(code, Buffer.from(dictionary.entries[code]!))
    offsets[row + 1] = offsets[row]! + (encoded.get(code)?.length ?? 0)
  }
  const bytes = new Uint8Array(offsets.at(-1)!)
  for (const [row, code] of codes.entries()) if (code >= 0) bytes.set(encoded.get(code)!, offsets[row])
  const nulls = Uint8Array.from(codes, (code) => (code < 0 ? 1 : 0))
  return { layout: 'text', offsets, bytes, nulls: nulls.includes(1) ? nulls : null }
}

/** All are of one field: of one layout, but for wide integers beside others. */
function concatColumns(columns: readonly ReturnType<typeof asText>[], rows: number): Column {
  const nulls = concatNulls(columns, rows)
  const ofLayout = <L extends Column['layout']>(layout: L): readonly Extract<Column, { layout: L }>[] =>
    columns.filter((column): column is never => column.layout === layout)
  const wide = ofLayout('bigint64').length > 0
  const { layout } = columns[0]!
  switch (layout) {
    case 'text':
      return { layout, ...concatTexts(ofLayout(layout), rows), nulls }
    case 'boolean':
      return { layout, values: concatNumbers(valuesOf(ofLayout(layout)), new Uint8Array(rows)), nulls }
    case 'int32':
      return { layout, values: concatNumbers(valuesOf(ofLayout(layout)), new Int32Array(rows)), nulls }
    case 'float64':
    case 'bigint64':
      return wide
        ? { layout: 'bigint64', values: concatNumbers(columns.map(wideValues), new BigInt64Array(rows)), nulls }
        : { layout: 'float64', values: concatNumbers(valuesOf(ofLayout('float64')), new Float64Array(rows)), nulls }
  }
}

const valuesOf = <V>(columns: readonly { readonly values: V }[]): readonly V[] => columns.map(({ values }) => values)

const wideValues = (column: ReturnType<typeof asText>): BigInt64Array =>
  column.layout === 'bigint64'
    ? column.values
    : BigInt64Array.from((column as Extract<Column, { layout: 'float64' }>).values, BigInt)

function concatNumbers<A extends Parameters<typeof gatherNumbers>[0]>(parts: readonly A[], into: A): A {
  let at = 0
  for (const part of parts) {
    into.set(part as never, at)
    at += part.length
  }
  return into
}

function concatNulls(columns: readonly ReturnType<typeof asText>[], rows: number): Uint8Array | null {
  if (columns.every(({ nulls }) => nulls === null)) return null
  const lengthOf = (column: ReturnType<typeof asText>): number =>
    column.layout === 'text' ? column.offsets.length - 1 : column.values.length
  return concatNumbers(
    columns.map((column) => column.nulls ?? new Uint8Array(lengthOf(column))),
    new Uint8Array(rows),
  )
}

function concatTexts(
  columns: readonly Extract<Column, { layout: 'text' }>[],
  rows: number,
): { offsets: Uint32Array; bytes: Uint8Array } {
  const offsets = new Uint32Array(rows + 1)
  let row = 0
  for (const column of columns) {
    const shift = offsets[row]! - column.offsets[0]!
    for (let i = 1; i < column.offsets.length; i++) offsets[++row] = column.offsets[i]! + shift
  }
  const bytes = new Uint8Array(offsets[rows]!)
  return {
    offsets,
    bytes: concatNumbers(
      columns.map((column) => column.bytes.subarray(column.offsets[0], column.offsets.at(-1))),
      bytes,
    ),
  }
}
