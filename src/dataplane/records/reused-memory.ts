/** Where typed arrays get their memory from. */
export interface ByteMemory {
  /** At least so many bytes with arbitrary content. */
  ofBytes(length: number): ArrayBuffer
}

/** Memory that is used again with each call, and grows with the largest one. */
export class ReusedMemory implements ByteMemory {
  #buffer = new ArrayBuffer(0)

  ofBytes(length: number): ArrayBuffer {
    // Some room more, so that batches of about one size do not each make it grow a little.
    if (this.#buffer.byteLength < length) this.#buffer = new ArrayBuffer((length + (length >> 3) + 15) & ~7)
    return this.#buffer
  }
}

/** New memory with each call, of exactly that size. */
export const newMemory: ByteMemory = { ofBytes: (length) => new ArrayBuffer(length) }
