import { ColumnMemory } from './column-memory.ts'
import type { Column, DecodedBatch, RecordBatch } from './record-batch.ts'
import { type ByteMemory, type MemoryReach, newMemory, ReusedMemory } from './reused-memory.ts'

/**
 * The batch in memory of its own, of exactly the size it needs. What a decoder or a log hands out is valid only until the next call;
 * who keeps it longer copies it. Dictionaries stay the same objects.
 */
export const copyBatch = (batch: RecordBatch): RecordBatch => copyInto(batch, () => ColumnMemory.new, newMemory)

/** The same with what was rejected, whose bytes are in memory of their own already. */
export const copyDecoded = (decoded: DecodedBatch): DecodedBatch => ({ ...decoded, batch: copyBatch(decoded.batch) })

/** Copies batches of one schema one after the other into the same memory: a copy is valid until the next one is made. */
export class BatchCopier {
  readonly #columns: ColumnMemory[] = []
  readonly #positions: ReusedMemory
  readonly #reach: MemoryReach

  constructor(reach: MemoryReach = 'one thread') {
    this.#reach = reach
    this.#positions = new ReusedMemory(reach)
  }

  copy(decoded: DecodedBatch): DecodedBatch {
    const memoryOf = (index: number): ColumnMemory => (this.#columns[index] ??= ColumnMemory.reused(this.#reach))
    return { ...decoded, batch: copyInto(decoded.batch, memoryOf, this.#positions) }
  }
}

function copyInto(
  { schema, rows, columns, eventTimes, positions }: RecordBatch,
  memoryOf: (index: number) => ColumnMemory,
  positionMemory: ByteMemory,
): RecordBatch {
  const copies = columns.map((column, index) => copyColumn(column, memoryOf(index)))
  const shared = columns.findIndex((column) => column.layout === 'float64' && column.values === eventTimes)
  const copied = copies[shared] as Extract<Column, { layout: 'float64' }> | undefined
  return {
    schema,
    rows,
    columns: copies,
    eventTimes: copied?.values ?? eventTimes.slice(),
    positions: positions === null ? null : words(positions, positionMemory),
  }
}

function copyColumn(column: Column, memory: ColumnMemory): Column {
  switch (column.layout) {
    case 'float64': {
      const values = memory.doubles(column.values.length)
      values.set(column.values)
      return { layout: 'float64', values, nulls: flags(column.nulls, memory.nulls) }
    }
    case 'int32': {
      const values = memory.ints(column.values.length)
      values.set(column.values)
      return { layout: 'int32', values, nulls: flags(column.nulls, memory.nulls) }
    }
    case 'bigint64': {
      const values = memory.longs(column.values.length)
      values.set(column.values)
      return { layout: 'bigint64', values, nulls: flags(column.nulls, memory.nulls) }
    }
    case 'boolean':
      return {
        layout: 'boolean',
        values: bytes(column.values, memory.values),
        nulls: flags(column.nulls, memory.nulls),
      }
    case 'dictionary': {
      const codes = memory.ints(column.codes.length)
      codes.set(column.codes)
      return { layout: 'dictionary', codes, dictionary: column.dictionary }
    }
    case 'text':
      return copyText(column, memory)
  }
}

/** Offsets begin at 0, wherever the text began in the memory it is copied from. */
function copyText({ offsets, bytes: text, nulls }: Extract<Column, { layout: 'text' }>, memory: ColumnMemory): Column {
  const first = offsets[0]!
  const copied = words(offsets, memory.values)
  if (first !== 0) for (let row = 0; row < copied.length; row++) copied[row]! -= first
  return {
    layout: 'text',
    offsets: copied,
    bytes: bytes(text.subarray(first, offsets.at(-1)), memory.bytes),
    nulls: flags(nulls, memory.nulls),
  }
}

const flags = (nulls: Uint8Array | null, memory: ByteMemory): Uint8Array | null =>
  nulls === null ? null : bytes(nulls, memory)

function bytes(source: Uint8Array, memory: ByteMemory): Uint8Array {
  const copied = new Uint8Array(memory.ofBytes(source.length), 0, source.length)
  copied.set(source)
  return copied
}

function words(source: Uint32Array, memory: ByteMemory): Uint32Array {
  const copied = new Uint32Array(memory.ofBytes(source.byteLength), 0, source.length)
  copied.set(source)
  return copied
}
