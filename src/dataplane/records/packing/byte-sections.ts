/**
 * Writes sections that each begin at a multiple of 8 bytes, so that a reader can lay typed arrays over them. Numbers are in
 * the byte order of the machine, which is little-endian wherever Node.js is commonly run.
 */
export class SectionWriter {
  #bytes = new Uint8Array(0)
  #numbers = new DataView(this.#bytes.buffer)
  #end = 0

  /** How many bytes are written. */
  get end(): number {
    return this.#end
  }

  /** Takes back what was written from there on. The memory is kept from one use to the next. */
  rewind(end: number): void {
    this.#end = end
  }

  /** A section of `length` bytes; valid until the next call. Its content is arbitrary. */
  section(length: number): Uint8Array {
    const start = this.#reserve(length)
    return this.#bytes.subarray(start, start + length)
  }

  section16(length: number): Uint16Array {
    const start = this.#reserve(length * 2)
    return new Uint16Array(this.#bytes.buffer, start, length)
  }

  section32(length: number): Uint32Array {
    const start = this.#reserve(length * 4)
    return new Uint32Array(this.#bytes.buffer, start, length)
  }

  sectionDoubles(length: number): Float64Array {
    const start = this.#reserve(length * 8)
    return new Float64Array(this.#bytes.buffer, start, length)
  }

  /** A section of 16 bytes: four small numbers, a count, a value. */
  header(a: number, b: number, c: number, d: number, count: number, value: number): void {
    const start = this.#reserve(HEADER_BYTES)
    this.#bytes[start] = a
    this.#bytes[start + 1] = b
    this.#bytes[start + 2] = c
    this.#bytes[start + 3] = d
    this.#numbers.setUint32(start + 4, count, true)
    this.#numbers.setFloat64(start + 8, value, true)
  }

  /** Changes a number of 4 bytes that was written before. */
  patch32(at: number, value: number): void {
    this.#numbers.setUint32(at, value, true)
  }

  /** What was written from one place to another; valid until more is written. */
  written(start: number, end: number): Uint8Array {
    return this.#bytes.subarray(start, end)
  }

  /** Room for a section, whose last bytes, up to the next one, are zero: equal batches are equal bytes. */
  #reserve(length: number): number {
    const start = this.#end
    const end = start + align(length)
    if (end > this.#bytes.length) this.#grow(end)
    for (let at = start + length; at < end; at++) this.#bytes[at] = 0
    this.#end = end
    return start
  }

  #grow(length: number): void {
    const grown = new Uint8Array(Math.max(length, this.#bytes.length * 2, FIRST_BYTES))
    grown.set(this.#bytes.subarray(0, this.#end))
    this.#bytes = grown
    this.#numbers = new DataView(grown.buffer)
  }
}

export interface SectionHeader {
  readonly a: number
  readonly b: number
  readonly c: number
  readonly d: number
  readonly count: number
  readonly value: number
}

/** Reads what `SectionWriter` wrote, from wherever a section begins. */
export class SectionReader {
  readonly #bytes: Uint8Array
  readonly #numbers: DataView
  #position = 0
  #rows: RowRange = { all: 0, first: 0, count: 0 }

  constructor(bytes: Uint8Array) {
    // Typed arrays need aligned memory.
    this.#bytes = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice()
    this.#numbers = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength)
  }

  /** Where the next section begins. */
  get position(): number {
    return this.#position
  }

  /** Goes on with the section that begins there. */
  seek(position: number): void {
    this.#position = position
  }

  header(): SectionHeader {
    const start = this.#take(HEADER_BYTES)
    return {
      a: this.#bytes[start],
      b: this.#bytes[start + 1],
      c: this.#bytes[start + 2],
      d: this.#bytes[start + 3],
      count: this.#numbers.getUint32(start + 4, true),
      value: this.#numbers.getFloat64(start + 8, true),
    }
  }

  /** The next section, `length` bytes long, without copying. */
  section(length: number): Uint8Array {
    const start = this.#take(length)
    return this.#bytes.subarray(start, start + length)
  }

  section32(length: number): Uint32Array {
    const start = this.#take(length * 4)
    return new Uint32Array(this.#bytes.buffer, this.#bytes.byteOffset + start, length)
  }

  sectionDoubles(length: number): Float64Array {
    const start = this.#take(length * 8)
    return new Float64Array(this.#bytes.buffer, this.#bytes.byteOffset + start, length)
  }

  /** Of sections with a number for each row, those numbers are wanted. */
  get rows(): RowRange {
    return this.#rows
  }

  select(rows: RowRange): void {
    this.#rows = rows
  }

  /** The next section, with a number of 1 byte for each row: those of the selected rows. */
  rows8(): Uint8Array {
    const { all, first, count } = this.#rows
    const start = this.#take(all) + first
    return this.#bytes.subarray(start, start + count)
  }

  rows16(): Uint16Array {
    const { all, first, count } = this.#rows
    return new Uint16Array(this.#bytes.buffer, this.#bytes.byteOffset + this.#take(all * 2) + first * 2, count)
  }

  rows32(): Uint32Array {
    const { all, first, count } = this.#rows
    return new Uint32Array(this.#bytes.buffer, this.#bytes.byteOffset + this.#take(all * 4) + first * 4, count)
  }

  rowsDoubles(): Float64Array {
    const { all, first, count } = this.#rows
    return new Float64Array(this.#bytes.buffer, this.#bytes.byteOffset + this.#take(all * 8) + first * 8, count)
  }

  #take(length: number): number {
    const start = this.#position
    this.#position += align(length)
    return start
  }
}

/** Some rows of a batch, one after the other. */
export interface RowRange {
  /** How many the batch has. */
  readonly all: number
  readonly first: number
  readonly count: number
}

const HEADER_BYTES = 16
const FIRST_BYTES = 64 * 1024

const align = (length: number): number => (length + 7) & ~7
