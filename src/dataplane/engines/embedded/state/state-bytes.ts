import type { Value } from '#language/schemas/field-types.ts'

/** What an operator keeps, as bytes: doubles as they are, other values as length and JSON text. Little-endian. */
export class StateWriter {
  #bytes = new Uint8Array(1024)
  #view = new DataView(this.#bytes.buffer)
  #length = 0

  /** Bytes written since the last `take`. */
  get length(): number {
    return this.#length
  }

  number(value: number): void {
    this.#room(8)
    this.#view.setFloat64(this.#length, value, true)
    this.#length += 8
  }

  value(value: Value): void {
    const text = encoder.encode(typeof value === 'bigint' ? `${value}n` : JSON.stringify(value))
    this.number(text.length)
    this.#room(text.length)
    this.#bytes.set(text, this.#length)
    this.#length += text.length
  }

  /** The bytes so far; the writer begins anew. */
  take(): Uint8Array {
    const taken = this.#bytes.slice(0, this.#length)
    this.#length = 0
    return taken
  }

  #room(size: number): void {
    if (this.#length + size <= this.#bytes.length) return
    const longer = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + size))
    longer.set(this.#bytes)
    this.#bytes = longer
    this.#view = new DataView(longer.buffer)
  }
}

export class StateReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #position = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  number(): number {
    const value = this.#view.getFloat64(this.#position, true)
    this.#position += 8
    return value
  }

  value(): Value {
    const length = this.number()
    const text = decoder.decode(this.#bytes.subarray(this.#position, this.#position + length))
    this.#position += length
    // A bigint is written with the suffix of its literal; JSON numbers never end in n.
    return text.endsWith('n') && /^-?\d+n$/.test(text) ? BigInt(text.slice(0, -1)) : (JSON.parse(text) as Value)
  }
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()
