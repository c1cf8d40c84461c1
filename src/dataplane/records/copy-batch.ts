import type { Column, DecodedBatch, RecordBatch } from './record-batch.ts'

/**
 * The batch in memory of its own, of exactly the size it needs. What a decoder or a log hands out is valid only until the next call;
 * who keeps it longer copies it. Dictionaries stay the same objects.
 */
export function copyBatch({ schema, rows, columns, eventTimes, positions }: RecordBatch): RecordBatch {
  const copies = columns.map(copyColumn)
  const shared = columns.findIndex((column) => column.layout === 'float64' && column.values === eventTimes)
  const copied = copies[shared] as Extract<Column, { layout: 'float64' }> | undefined
  return {
    schema,
    rows,
    columns: copies,
    eventTimes: copied?.values ?? eventTimes.slice(),
    positions: positions?.slice() ?? null,
  }
}

/** The same with what was rejected, whose bytes are in memory of their own already. */
export const copyDecoded = (decoded: DecodedBatch): DecodedBatch => ({ ...decoded, batch: copyBatch(decoded.batch) })

function copyColumn(column: Column): Column {
  switch (column.layout) {
    case 'float64':
      return { layout: 'float64', values: column.values.slice(), nulls: column.nulls?.slice() ?? null }
    case 'int32':
      return { layout: 'int32', values: column.values.slice(), nulls: column.nulls?.slice() ?? null }
    case 'bigint64':
      return { layout: 'bigint64', values: column.values.slice(), nulls: column.nulls?.slice() ?? null }
    case 'boolean':
      return { layout: 'boolean', values: column.values.slice(), nulls: column.nulls?.slice() ?? null }
    case 'dictionary':
      return { ...column, codes: column.codes.slice() }
    case 'text':
      return copyText(column)
  }
}

/** Offsets begin at 0, wherever the text began in the memory it is copied from. */
function copyText({ offsets, bytes, nulls }: Extract<Column, { layout: 'text' }>): Column {
  const first = offsets[0]!
  return {
    layout: 'text',
    offsets: first === 0 ? offsets.slice() : offsets.map((offset) => offset - first),
    bytes: bytes.slice(first, offsets.at(-1)),
    nulls: nulls?.slice() ?? null,
  }
}
