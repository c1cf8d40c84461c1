import { invariant } from '#foundation/errors/mysimbdp-error.ts'
import type { Schema } from '#language/schemas/schema.ts'
import { BATCH_FORMAT, DISTINCT, HEX, layouts, RAW } from './batch-bytes.ts'
import { ColumnMemory } from './column-memory.ts'
import { type SectionHeader, SectionReader } from './packing/byte-sections.ts'
import { type Frame, frameOf, type PackedWidth } from './packing/frame.ts'
import { bitBytes, unpackBits } from './packing/pack-bits.ts'
import { unpackDoubles } from './packing/pack-doubles.ts'
import { hexWords, unpackHex } from './packing/pack-hex.ts'
import { unpackInts } from './packing/pack-ints.ts'
import type { Column, Dictionary, RecordBatch } from './record-batch.ts'
import type { ByteMemory } from './reused-memory.ts'

/** Where a reader finds a dictionary that the writer named by a number: extended in place to at least `length` entries. */
export type DictionaryLookup = (id: number, length: number) => Dictionary

/**
 * Reads batches that `encode-batch.ts` wrote, one after the other, into the same memory: a batch is valid until the next one is read. A column is
 * read when it is first asked for, because queries ask for few.
 */
export class BatchReader {
  readonly #schema: Schema
  readonly #eventTimeIndex: number
  readonly #memories: readonly ColumnMemory[]
  /** Each element reads its column when it is first asked for. */
  readonly #columns: readonly Column[]
  /** Those of the present batch that were asked for. */
  readonly #asked: (Column | null)[]
  /** Dictionaries of the present batch, by column. */
  readonly #dictionaries: (Dictionary | null)[]
  #sections = new SectionReader(new Uint8Array(0))
  #starts: Uint32Array = new Uint32Array(0)
  #rows = 0

  /** @param eventTimeIndex which field of the schema is the event time; a batch shares that column's values */
  constructor(schema: Schema, eventTimeIndex: number) {
    this.#schema = schema
    this.#eventTimeIndex = eventTimeIndex
    this.#memories = schema.fields.map(() => ColumnMemory.reused())
    this.#asked = schema.fields.map(() => null)
    this.#dictionaries = schema.fields.map(() => null)
    this.#columns = this.#columnsOnDemand()
  }

  #columnsOnDemand(): readonly Column[] {
    const columns: Column[] = []
    for (const index of this.#schema.fields.keys())
      Object.defineProperty(columns, index, {
        enumerable: true,
        get: () => (this.#asked[index] ??= this.#readColumn(index, this.#memories[index])),
      })
    return columns
  }

  read(bytes: Uint8Array, dictionaryOf: DictionaryLookup): RecordBatch {
    const sections = new SectionReader(bytes)
    const { a: format, b: hasPositions, count: rows, value: columnCount } = sections.header()
    invariant(
      format === BATCH_FORMAT && columnCount === this.#schema.fields.length,
      `a batch of format ${format} with ${columnCount} columns can be read`,
    )
    this.#sections = sections
    this.#starts = sections.section32(columnCount)
    sections.select({ all: rows, first: 0, count: rows })
    this.#rows = rows
    const positions = hasPositions === 1 ? readPositions(sections, rows) : null
    this.#asked.fill(null)
    for (const index of this.#schema.fields.keys()) this.#findDictionary(index, dictionaryOf)
    const eventTime = this.#columns[this.#eventTimeIndex]
    invariant(eventTime.layout === 'float64', 'the event time is a float64 column')
    return {
      schema: this.#schema,
      rows,
      columns: this.#columns,
      eventTimes: eventTime.values,
      positions,
      rowAlone: (row) => this.#rowAlone(row),
    }
  }

  #rowAlone(row: number): RecordBatch {
    this.#sections.select({ all: this.#rows, first: row, count: 1 })
    const columns = this.#schema.fields.map((_, index) => this.#readColumn(index, ColumnMemory.new))
    this.#sections.select({ all: this.#rows, first: 0, count: this.#rows })
    const eventTime = columns[this.#eventTimeIndex] as Extract<Column, { layout: 'float64' }>
    return { schema: this.#schema, rows: 1, columns, eventTimes: eventTime.values, positions: null }
  }

  /** Dictionaries are looked up at once: a log that has lost entries is found out when it is read. */
  #findDictionary(index: number, dictionaryOf: DictionaryLookup): void {
    this.#sections.seek(this.#starts[index])
    const { a, count } = this.#sections.header()
    this.#dictionaries[index] = layouts[a] === 'dictionary' ? dictionaryOf(this.#sections.header().count, count) : null
  }

  /** The column of the selected rows. */
  #readColumn(index: number, memory: ColumnMemory): Column {
    const sections = this.#sections
    const { count } = sections.rows
    sections.seek(this.#starts[index])
    const header = sections.header()
    const layout = layouts[header.a]
    const nulls = header.c === 1 ? readBits(sections, memory.nulls) : null
    switch (layout) {
      case 'float64':
        return { layout, values: readDoubles(sections, header, nulls, memory.doubles(count)), nulls }
      case 'int32': {
        const values = memory.ints(count)
        unpackInts(sections, values, nulls, frameIn(header))
        return { layout, values, nulls }
      }
      case 'bigint64': {
        const values = memory.longs(count)
        new Float64Array(values.buffer, 0, count).set(sections.rowsDoubles())
        return { layout, values, nulls }
      }
      case 'boolean':
        return { layout, values: readBits(sections, memory.values), nulls }
      case 'dictionary': {
        sections.header()
        const codes = memory.ints(count)
        unpackInts(sections, codes, null, frameIn(header))
        return { layout, codes, dictionary: this.#dictionaries[index]! }
      }
      case 'text':
        return { layout, ...readText(sections, header, memory), nulls }
    }
  }
}

const frameIn = ({ b, d, value }: SectionHeader): Frame => ({
  least: value,
  width: b as PackedWidth,
  parts: 10 ** d,
})

function readBits(sections: SectionReader, memory: ByteMemory): Uint8Array {
  const { all, first, count } = sections.rows
  const source = sections.section(bitBytes(all)).subarray(first >> 3, bitBytes(first + count))
  const buffer = memory.ofBytes(source.length * 8)
  unpackBits(source, new Uint32Array(buffer, 0, source.length * 2))
  return new Uint8Array(buffer, first & 7, count)
}

function readDoubles(
  sections: SectionReader,
  header: SectionHeader,
  nulls: Uint8Array | null,
  values: Float64Array,
): Float64Array {
  if (header.b === RAW) values.set(sections.rowsDoubles())
  else if (header.b === DISTINCT) lookUp(sections, header.count, values)
  else unpackDoubles(sections, values, nulls, frameIn(header))
  return values
}

function lookUp(sections: SectionReader, distinctCount: number, values: Float64Array): void {
  const distinct = sections.sectionDoubles(distinctCount)
  const places = new Int32Array(values.length)
  unpackInts(sections, places, null, frameOf(0, distinctCount - 1, 1)!)
  for (let row = 0; row < values.length; row++) values[row] = distinct[places[row]]
}

function readText(
  sections: SectionReader,
  { b: encoding, count: length }: SectionHeader,
  memory: ColumnMemory,
): { offsets: Uint32Array; bytes: Uint8Array } {
  const { begin, offsets } = readOffsets(sections, memory.values)
  const end = begin + offsets[offsets.length - 1]
  const bytes = new Uint8Array(memory.bytes.ofBytes(end - begin), 0, end - begin)
  if (encoding === HEX) {
    const words = sections.section32(hexWords(length)).subarray(begin >> 3, hexWords(end))
    bytes.set(unpackHex(words, words.length * 8).subarray(begin & 7, (begin & 7) + bytes.length))
  } else bytes.set(sections.section(length).subarray(begin, end))
  return { offsets, bytes }
}

/** Where the text of each selected row begins and ends, counted from where that of the first one begins in the column. */
function readOffsets(sections: SectionReader, memory: ByteMemory): { begin: number; offsets: Uint32Array } {
  const { rows } = sections
  const { a: width, value: least } = sections.header()
  const lengths = new Int32Array(memory.ofBytes((rows.count + 1) * 4), 4, rows.count)
  const frame = { least, width: width as PackedWidth, parts: 1 }
  const begin = width === 0 ? rows.first * least : lengthBefore(sections, frame)
  unpackInts(sections, lengths, null, frame)
  for (let row = 1; row < rows.count; row++) lengths[row] += lengths[row - 1]
  const offsets = new Uint32Array(lengths.buffer, 0, rows.count + 1)
  offsets[0] = 0
  return { begin, offsets }
}

/** What the texts before the selected rows come to. */
function lengthBefore(sections: SectionReader, frame: Frame): number {
  const { rows, position } = sections
  if (rows.first === 0) return 0
  const lengths = new Int32Array(rows.first)
  sections.select({ ...rows, first: 0, count: rows.first })
  unpackInts(sections, lengths, null, frame)
  sections.select(rows)
  sections.seek(position)
  let sum = 0
  for (let row = 0; row < lengths.length; row++) sum += lengths[row]
  return sum
}

function readPositions(sections: SectionReader, rows: number): Uint32Array {
  const { a: width, value: least } = sections.header()
  const leads = new Int32Array(rows)
  unpackInts(sections, leads, null, { least, width: width as PackedWidth, parts: 1 })
  const positions = new Uint32Array(rows)
  for (let row = 0; row < rows; row++) positions[row] = leads[row] + row
  return positions
}
