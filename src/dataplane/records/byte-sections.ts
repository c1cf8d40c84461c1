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
    const start = this.#end
    this.#reserve(start + align(length))
    this.#bytes.fill(0, start + length, start + align(length))
    this.#end = start + align(length)
    return this.#bytes.subarray(start, start + length)
  }

  /** A section of 16 bytes: four small numbers, a count, a value. */
  header(a: number, b: number, c: number, d: number, count: number, value: number): void {
    const start = this.#end
    this.#reserve(start + HEADER_BYTES)
    this.#bytes[start] = a
    this.#bytes[start + 1] = b
    this.#bytes[start + 2] = c
    this.#bytes[start + 3] = d
    this.#numbers.setUint32(start + 4, count, true)
    this.#numbers.setFloat64(start + 8, value, true)
    this.#end = start + HEADER_BYTES
  }

  /** Everything written; valid until more is written. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.#end)
  }

  #reserve(length: number): void {
    if (length <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(length, this.#bytes.length * 2))
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

/** Reads what `SectionWriter` wrote, in the same order. */
export class SectionReader {
  readonly #bytes: Uint8Array
  readonly #numbers: DataView
  #position = 0

  constructor(bytes: Uint8Array) {
    // Typed arrays need aligned memory.
    this.#bytes = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice()
    this.#numbers = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength)
  }

  header(): SectionHeader {
    const start = this.#position
    this.#position += HEADER_BYTES
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
    const start = this.#position
    this.#position += align(length)
    return this.#bytes.subarray(start, start + length)
  }
}

const HEADER_BYTES = 16

const align = (length: number): number => (length + 7) & ~7
