/** Smallest buffer, and the largest that is kept: what is larger is made for one message. */
const BYTES_MIN = 64 * 1024
const KEPT_BYTES_MAX = 1024 * 1024

/**
 * Memory in which bytes go to another thread and which then comes back: at a hundred megabytes a second, memory that is given away each time leaves
 * the garbage collector of the other thread far behind.
 */
export class MessageBuffers {
  /** Unused ones, by size. */
  readonly #unused = new Map<number, SharedArrayBuffer[]>()

  /** The pieces, one after the other. */
  join(pieces: readonly Uint8Array[], length: number): Uint8Array<SharedArrayBuffer> {
    const size = sizeFor(length)
    const buffer = this.#unused.get(size)?.pop() ?? new SharedArrayBuffer(size)
    const bytes = new Uint8Array(buffer, 0, length)
    let at = 0
    for (const piece of pieces) {
      bytes.set(piece, at)
      at += piece.length
    }
    return bytes
  }

  /** The other thread does not look at them any more. */
  giveBack({ buffer }: Uint8Array<SharedArrayBuffer>): void {
    const size = buffer.byteLength
    if (size > KEPT_BYTES_MAX) return
    const unused = this.#unused.get(size)
    if (unused === undefined) this.#unused.set(size, [buffer])
    else unused.push(buffer)
  }
}

/** Powers of two, so that few sizes serve all messages. */
const sizeFor = (length: number): number => Math.max(BYTES_MIN, 2 ** Math.ceil(Math.log2(Math.max(length, 1))))
