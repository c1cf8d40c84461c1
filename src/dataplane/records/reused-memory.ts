/** Memory that is used again and again, and grows with the largest use. */
export class ReusedMemory {
  #buffer = new ArrayBuffer(0)

  /** At least so many bytes with arbitrary content; the same ones for each call, unless they were too few. */
  ofBytes(length: number): ArrayBuffer {
    // Some room more, so that batches of about one size do not each make it grow a little.
    if (this.#buffer.byteLength < length) this.#buffer = new ArrayBuffer((length + (length >> 3) + 15) & ~7)
    return this.#buffer
  }
}
