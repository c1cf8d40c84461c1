const LONG_BYTES_MAX = 10
const NO_BYTES = new Uint8Array(0)
const INT_MAX = 2n ** 31n - 1n
const INT_MIN = -(2n ** 31n)

/** Why a cursor could not go on: the bytes end too early, or they are no Avro. */
export type CursorFault = 'short' | 'damaged'

/**
 * Reads Avro's primitive values from bytes, one after the other, plainly. After the first fault everything reads as zero
 * or empty and the position stays: it is enough to look at `fault` at the end.
 */
export class ByteCursor {
  readonly #bytes: Uint8Array
  readonly #end: number
  position: number
  fault: CursorFault | null = null

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes
    this.#end = end
    this.position = start
  }

  fail(fault: CursorFault): void {
    this.fault ??= fault
  }

  /** A zigzag number of at most 64 bits. */
  long(): bigint {
    let zigzag = 0n
    for (let index = 0; index < LONG_BYTES_MAX; index++) {
      const byte = this.byte()
      zigzag |= BigInt(byte & 0x7f) << BigInt(7 * index)
      if (byte < 0x80) return this.fault === null ? BigInt.asIntN(64, (zigzag >> 1n) ^ -(zigzag & 1n)) : 0n
    }
    this.fail('damaged')
    return 0n
  }

  int(): number {
    const value = this.long()
    if (value < INT_MIN || value > INT_MAX) this.fail('damaged')
    return this.fault === null ? Number(value) : 0
  }

  byte(): number {
    return this.bytes(1)[0] ?? 0
  }

  float(): number {
    const { buffer, byteOffset, length } = this.bytes(4)
    return length < 4 ? 0 : new DataView(buffer, byteOffset).getFloat32(0, true)
  }

  double(): number {
    const { buffer, byteOffset, length } = this.bytes(8)
    return length < 8 ? 0 : new DataView(buffer, byteOffset).getFloat64(0, true)
  }

  /** The next `length` bytes, as a view of the same memory; none when there are not so many. */
  bytes(length: number): Uint8Array {
    if (length > this.#end - this.position) this.fail('short')
    if (this.fault !== null) return NO_BYTES
    this.position += length
    return this.#bytes.subarray(this.position - length, this.position)
  }

  /** Bytes with their length in front. */
  lengthAndBytes(): Uint8Array {
    const length = this.long()
    if (length < 0n) this.fail('damaged')
    return this.bytes(Number(length))
  }
}
