import { BATCH_FORMAT, DISTINCT, HEX, layoutNumbers, RAW } from './batch-bytes.ts'
import { SectionWriter } from './packing/byte-sections.ts'
import { doubleDictionary } from './packing/double-dictionary.ts'
import { frameOf } from './packing/frame.ts'
import { frameOfDoubles } from './packing/frame-of-doubles.ts'
import { bitBytes, packBits } from './packing/pack-bits.ts'
import { packDoubles } from './packing/pack-doubles.ts'
import { hexWords, packHex } from './packing/pack-hex.ts'
import { frameOfInts, packInts } from './packing/pack-ints.ts'
import type { Column, Dictionary, RecordBatch } from './record-batch.ts'

type IdOf = (dictionary: Dictionary) => number

const writer = new SectionWriter()
let textLengths = new Int32Array(0)

/**
 * Compact bytes of batches. Columns keep their values exactly; the entries of dictionaries are not in it, the caller stores
 * them and names each dictionary by a number. The bytes are memory that the next call uses again.
 */
export function encodeBatches(batches: readonly RecordBatch[], idOf: IdOf): readonly Uint8Array[] {
  writer.rewind(0)
  const ends = batches.map((batch) => writeBatch(batch, idOf))
  return ends.map((end, i) => writer.written(i === 0 ? 0 : ends[i - 1], end))
}

export const encodeBatch = (batch: RecordBatch, idOf: IdOf): Uint8Array => encodeBatches([batch], idOf)[0]

/** Answers where its bytes end. */
function writeBatch({ rows, columns, positions }: RecordBatch, idOf: IdOf): number {
  const start = writer.end
  writer.header(BATCH_FORMAT, positions === null ? 0 : 1, 0, 0, rows, columns.length)
  const directory = writer.end
  writer.section32(columns.length)
  if (positions !== null) writePositions(positions)
  for (const [index, column] of columns.entries()) {
    writer.patch32(directory + index * 4, writer.end - start)
    writeColumn(column, idOf)
  }
  return writer.end
}

function writeColumn(column: Column, idOf: IdOf): void {
  switch (column.layout) {
    case 'float64':
      writeDoubles(column.values, column.nulls)
      break
    case 'int32': {
      const frame = frameOfInts(column.values, column.nulls)
      writeHeader('int32', frame.width, column.nulls, { value: frame.least })
      packInts(writer, column.values, column.nulls, frame)
      break
    }
    case 'bigint64':
      writeHeader('bigint64', RAW, column.nulls)
      writer.section(column.values.byteLength).set(asBytes(column.values))
      break
    case 'boolean':
      writeHeader('boolean', RAW, column.nulls)
      writeBits(column.values)
      break
    case 'dictionary': {
      const { codes, dictionary } = column
      const frame = frameOfInts(codes, null)
      writeHeader('dictionary', frame.width, null, { count: dictionary.entries.length, value: frame.least })
      writer.header(0, 0, 0, 0, idOf(dictionary), 0)
      packInts(writer, codes, null, frame)
      break
    }
    case 'text':
      writeText(column)
  }
}

function writeHeader(
  layout: Column['layout'],
  encoding: number,
  nulls: Uint8Array | null,
  { decimals = 0, count = 0, value = 0 } = {},
): void {
  writer.header(layoutNumbers[layout], encoding, nulls === null ? 0 : 1, decimals, count, value)
  if (nulls !== null) writeBits(nulls)
}

const writeBits = (flags: Uint8Array): void => packBits(flags, writer.section(bitBytes(flags.length)))

/** Whole numbers and those with few decimals as distances; otherwise a dictionary of the doubles when few are distinct; otherwise as they are. */
function writeDoubles(values: Float64Array, nulls: Uint8Array | null): void {
  const frame = frameOfDoubles(values, nulls)
  if (frame !== undefined) {
    const { least: value, width, parts } = frame
    writeHeader('float64', width, nulls, { decimals: Math.round(Math.log10(parts)), value })
    packDoubles(writer, values, nulls, frame)
    return
  }
  const found = doubleDictionary(values, values.length >> 1)
  if (found === undefined) {
    writeHeader('float64', RAW, nulls)
    writer.section(values.byteLength).set(asBytes(values))
    return
  }
  const { distinct, codes } = found
  writeHeader('float64', DISTINCT, nulls, { count: distinct.length })
  writer.section(distinct.byteLength).set(asBytes(distinct))
  packInts(writer, codes, null, frameOf(0, distinct.length - 1, 1)!)
}

function writeText({ offsets, bytes, nulls }: Extract<Column, { layout: 'text' }>): void {
  const rows = offsets.length - 1
  const text = bytes.subarray(offsets[0], offsets[rows])
  if (textLengths.length < rows) textLengths = new Int32Array(rows)
  const lengths = textLengths.subarray(0, rows)
  for (let row = 0; row < rows; row++) lengths[row] = offsets[row + 1] - offsets[row]
  const frame = frameOfInts(lengths, null)
  const begin = writer.end
  const mayBeHex = frame.width === 0 && frame.least > 0
  for (const encoding of mayBeHex ? [HEX, RAW] : [RAW]) {
    writer.rewind(begin)
    writeHeader('text', encoding, nulls, { count: text.length })
    writer.header(frame.width, 0, 0, 0, 0, frame.least)
    packInts(writer, lengths, null, frame)
    if (encoding === RAW) writer.section(text.length).set(text)
    else if (packHex(text, writer.section32(hexWords(text.length)))) return
  }
}

/** Positions never lag behind their row, and by how much they lead it grows slowly. */
function writePositions(positions: Uint32Array): void {
  const leads = Int32Array.from(positions, (position, row) => position - row)
  const frame = frameOfInts(leads, null)
  writer.header(frame.width, 0, 0, 0, 0, frame.least)
  packInts(writer, leads, null, frame)
}

const asBytes = (values: Float64Array | BigInt64Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
