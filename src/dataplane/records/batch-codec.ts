import { invariant } from '#foundation/errors/mysimbdp-error.ts'
import type { Schema } from '#language/schemas/schema.ts'
import { readBits, writeBits } from './bit-packing.ts'
import { type SectionHeader, SectionReader, SectionWriter } from './byte-sections.ts'
import { doubleDictionary } from './double-dictionary.ts'
import { packHex, unpackHex } from './hex-packing.ts'
import { lookUpPacked, type PackedWidth, packedWidth, readPacked, writePacked } from './integer-packing.ts'
import type { Column, Dictionary, RecordBatch } from './record-batch.ts'

/** Where a reader finds a dictionary that the writer named by a number: extended in place to at least `length` entries. */
export type DictionaryLookup = (id: number, length: number) => Dictionary

const FORMAT = 1

const layouts = ['float64', 'int32', 'bigint64', 'boolean', 'dictionary', 'text'] as const
const layoutNumbers = { float64: 0, int32: 1, bigint64: 2, boolean: 3, dictionary: 4, text: 5 } as const

/** How the values of a section are written; the packed widths 0, 1, 2, 4 and 6 stand for themselves. */
const RAW = 8
const DISTINCT = 9
const HEX = 10

const writer = new SectionWriter()

/**
 * Compact bytes of a batch. Columns keep their values exactly; the entries of dictionaries are not in it, the caller stores
 * them and names each dictionary by a number. The bytes are memory that the next call uses again.
 */
export function encodeBatch(batch: RecordBatch, idOf: (dictionary: Dictionary) => number): Uint8Array {
  writer.rewind(0)
  writer.header(FORMAT, batch.positions === null ? 0 : 1, 0, 0, batch.rows, batch.columns.length)
  if (batch.positions !== null) writePositions(batch.positions)
  for (const column of batch.columns) writeColumn(column, idOf)
  return writer.written
}

/** @param eventTimeIndex which field of the schema is the event time; the batch shares that column's values */
export function decodeBatch(
  bytes: Uint8Array,
  schema: Schema,
  eventTimeIndex: number,
  dictionaryOf: DictionaryLookup,
): RecordBatch {
  const reader = new SectionReader(bytes)
  const { a: format, b: hasPositions, count: rows, value: columnCount } = reader.header()
  invariant(
    format === FORMAT && columnCount === schema.fields.length,
    `a batch of format ${format} with ${columnCount} columns can be read`,
  )
  const positions = hasPositions === 1 ? readPositions(reader, rows) : null
  const columns = schema.fields.map(() => readColumn(reader, rows, dictionaryOf))
  const eventTime = columns[eventTimeIndex]
  invariant(eventTime.layout === 'float64', 'the event time is a float64 column')
  return { schema, rows, columns, eventTimes: eventTime.values, positions }
}

function writeColumn(column: Column, idOf: (dictionary: Dictionary) => number): void {
  switch (column.layout) {
    case 'float64':
      writeDoubles(column.values, column.nulls)
      break
    case 'int32':
      writeInts('int32', column.values, column.nulls, 0)
      break
    case 'bigint64':
      writeRaw('bigint64', column.values, column.nulls)
      break
    case 'boolean':
      writeHeader('boolean', RAW, column.nulls, 0, 0)
      writeBits(writer, column.values)
      break
    case 'dictionary':
      writeInts('dictionary', column.codes, null, column.dictionary.entries.length)
      writer.header(0, 0, 0, 0, idOf(column.dictionary), 0)
      break
    case 'text':
      writeText(column)
  }
}

function readColumn(reader: SectionReader, rows: number, dictionaryOf: DictionaryLookup): Column {
  const header = reader.header()
  const layout = layouts[header.a]
  const nulls = header.c === 1 ? readBits(reader, rows) : null
  switch (layout) {
    case 'float64':
      return { layout, values: readDoubles(reader, header, rows, nulls), nulls }
    case 'int32':
      return { layout, values: readInts(reader, header, rows, nulls), nulls }
    case 'bigint64':
      return { layout, values: new BigInt64Array(copyOf(reader.section(rows * 8))), nulls }
    case 'boolean':
      return { layout, values: readBits(reader, rows), nulls }
    case 'dictionary': {
      const codes = readInts(reader, header, rows, null)
      return { layout, codes, dictionary: dictionaryOf(reader.header().count, header.count) }
    }
    case 'text':
      return { layout, ...readText(reader, header, rows), nulls }
  }
}

function writeHeader(
  layout: Column['layout'],
  encoding: number,
  nulls: Uint8Array | null,
  count: number,
  value: number,
): void {
  writer.header(layoutNumbers[layout], encoding, nulls === null ? 0 : 1, 0, count, value)
  if (nulls !== null) writeBits(writer, nulls)
}

function writeRaw(layout: Column['layout'], values: Float64Array | BigInt64Array, nulls: Uint8Array | null): void {
  writeHeader(layout, RAW, nulls, 0, 0)
  writer.section(values.byteLength).set(asBytes(values))
}

/** Integers as distances; otherwise a dictionary of the doubles when few are distinct; otherwise as they are. */
function writeDoubles(values: Float64Array, nulls: Uint8Array | null): void {
  const range = integerRange(values, nulls)
  const width = range === undefined ? undefined : packedWidth(range.greatest - range.least)
  if (range !== undefined && width !== undefined) {
    writeHeader('float64', width, nulls, 0, range.least)
    writePacked(writer, values, nulls, range.least, width)
    return
  }
  const found = doubleDictionary(values, values.length >> 1)
  if (found === undefined) {
    writeRaw('float64', values, nulls)
    return
  }
  writeHeader('float64', DISTINCT, nulls, found.distinct.length, 0)
  writer.section(found.distinct.byteLength).set(asBytes(found.distinct))
  writePacked(writer, found.codes, null, 0, codeWidth(found.distinct.length))
}

function readDoubles(
  reader: SectionReader,
  header: SectionHeader,
  rows: number,
  nulls: Uint8Array | null,
): Float64Array {
  if (header.b === RAW) return new Float64Array(copyOf(reader.section(rows * 8)))
  const values = new Float64Array(rows)
  if (header.b !== DISTINCT) {
    readPacked(reader, values, nulls, header.value, header.b as PackedWidth)
    return values
  }
  const distinct = new Float64Array(copyOf(reader.section(header.count * 8)))
  lookUpPacked(reader, values, distinct, codeWidth(header.count))
  return values
}

/** Int32 values always fit into four bytes of distance. */
function writeInts(layout: 'int32' | 'dictionary', values: Int32Array, nulls: Uint8Array | null, count: number): void {
  const { least, greatest } = intRange(values, nulls)
  const width = packedWidth(greatest - least)!
  writeHeader(layout, width, nulls, count, least)
  writePacked(writer, values, nulls, least, width)
}

function readInts(reader: SectionReader, header: SectionHeader, rows: number, nulls: Uint8Array | null): Int32Array {
  const values = new Int32Array(rows)
  readPacked(reader, values, nulls, header.value, header.b as PackedWidth)
  return values
}

function writeText(column: Extract<Column, { layout: 'text' }>): void {
  const { offsets, nulls } = column
  const rows = offsets.length - 1
  const text = column.bytes.subarray(offsets[0], offsets[rows])
  const lengths = new Int32Array(rows)
  for (let row = 0; row < rows; row++) lengths[row] = offsets[row + 1] - offsets[row]
  const { least, greatest } = intRange(lengths, null)
  const width = packedWidth(greatest - least)!
  const begin = writer.end
  const mayBeHex = width === 0 && least > 0 && least % 2 === 0
  for (const encoding of mayBeHex ? [HEX, RAW] : [RAW]) {
    writer.rewind(begin)
    writeHeader('text', encoding, nulls, text.length, 0)
    writer.header(width, 0, 0, 0, 0, least)
    writePacked(writer, lengths, null, least, width)
    if (encoding === RAW) writer.section(text.length).set(text)
    else if (packHex(text, writer.section(text.length / 2))) return
  }
}

function readText(
  reader: SectionReader,
  header: SectionHeader,
  rows: number,
): { offsets: Uint32Array; bytes: Uint8Array } {
  const { a: width, value: least } = reader.header()
  const lengths = new Int32Array(rows)
  readPacked(reader, lengths, null, least, width as PackedWidth)
  const offsets = new Uint32Array(rows + 1)
  for (let row = 0; row < rows; row++) offsets[row + 1] = offsets[row] + lengths[row]
  const bytes = new Uint8Array(header.count)
  if (header.b === HEX) unpackHex(reader.section(header.count / 2), bytes)
  else bytes.set(reader.section(header.count))
  return { offsets, bytes }
}

/** Positions never lag behind their row, and by how much they lead it grows slowly. */
function writePositions(positions: Uint32Array): void {
  const leads = new Float64Array(positions.length)
  for (let row = 0; row < leads.length; row++) leads[row] = positions[row] - row
  const least = leads.length === 0 ? 0 : leads[0]
  const width = packedWidth(leads.length === 0 ? 0 : leads[leads.length - 1] - least)!
  writer.header(width, 0, 0, 0, 0, least)
  writePacked(writer, leads, null, least, width)
}

function readPositions(reader: SectionReader, rows: number): Uint32Array {
  const { a: width, value: least } = reader.header()
  const leads = new Float64Array(rows)
  readPacked(reader, leads, null, least, width as PackedWidth)
  const positions = new Uint32Array(rows)
  for (let row = 0; row < rows; row++) positions[row] = leads[row] + row
  return positions
}

/** Least and greatest value that is not null; undefined when one is no integer, is -0, or cannot be told from its neighbour. */
function integerRange(values: Float64Array, nulls: Uint8Array | null): { least: number; greatest: number } | undefined {
  let least = Infinity
  let greatest = -Infinity
  for (let row = 0; row < values.length; row++) {
    if (nulls !== null && nulls[row] === 1) continue
    const value = values[row]
    if (value !== Math.floor(value) || Object.is(value, -0)) return undefined
    if (value < least) least = value
    if (value > greatest) greatest = value
  }
  if (least > greatest) return { least: 0, greatest: 0 }
  return Number.isSafeInteger(least) && Number.isSafeInteger(greatest) ? { least, greatest } : undefined
}

function intRange(values: Int32Array, nulls: Uint8Array | null): { least: number; greatest: number } {
  let least = Infinity
  let greatest = -Infinity
  for (let row = 0; row < values.length; row++) {
    if (nulls !== null && nulls[row] === 1) continue
    const value = values[row]
    if (value < least) least = value
    if (value > greatest) greatest = value
  }
  return least > greatest ? { least: 0, greatest: 0 } : { least, greatest }
}

const codeWidth = (distinct: number): PackedWidth => packedWidth(distinct - 1)!

const asBytes = (values: Float64Array | BigInt64Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength)

/** Memory of its own, so that a decoded batch does not hold on to the stored bytes. */
function copyOf(section: Uint8Array): ArrayBuffer {
  const copy = new ArrayBuffer(section.byteLength)
  new Uint8Array(copy).set(section)
  return copy
}
