/** Where typed arrays get their memory from. */
export interface ByteMemory {
  /** At least so many bytes with arbitrary content. */
  ofBytes(length: number): ArrayBufferLike
}

/** Who may see memory: this thread alone, or those too that get a view of it in a message, which copies nothing. */
export type MemoryReach = 'one thread' | 'all threads'

/** Memory that is used again with each call, and grows with the largest one. */
export class ReusedMemory implements ByteMemory {
  readonly #create: new (
    length: number,
  ) => ArrayBufferLike
  #buffer: ArrayBufferLike

  constructor(reach: MemoryReach = 'one thread') {
    this.#create = reach === 'one thread' ? ArrayBuffer : SharedArrayBuffer
    this.#buffer = new this.#create(0)
  }

  ofBytes(length: number): ArrayBufferLike {
    // Some room more, so that batches of about one size do not each make it grow a little.
    if (this.#buffer.byteLength < length) this.#buffer = new this.#create((length + (length >> 3) + 15) & ~7)
    return this.#buffer
  }
}

/** New memory with each call, of exactly that size. */
export const newMemory: ByteMemory = { ofBytes: (length) => new ArrayBuffer(length) }
