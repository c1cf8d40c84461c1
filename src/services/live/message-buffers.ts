/** Smallest buffer, and the largest that is kept: what is larger is made for one message. */
const BYTES_MIN = 64 * 1024
const KEPT_BYTES_MAX = 1024 * 1024

/** Bytes that lie in memory which two threads share, as a message names them. */
export interface SharedBytes {
  /** Of the memory. */
  readonly memory: number
  /** The memory itself; null when the other thread was given it before, and keeps it. */
  readonly buffer: SharedArrayBuffer | null
  readonly length: number
}

interface Memory {
  readonly id: number
  readonly buffer: SharedArrayBuffer
  /** The receiver that has it; 0 for none. */
  receiver: number
}

/**
 * Memory in which bytes go to another thread and which then comes back. A buffer that is new to an isolate counts as memory it has taken, also where it is
 * shared: at a hundred megabytes a second each isolate marks its whole heap several times a second, which took a third of all processor time. So the
 * other thread is given each buffer once.
 */
export class MessageBuffers {
  /** Unused ones, by size. */
  readonly #unused = new Map<number, Memory[]>()
  readonly #lent = new Map<number, Memory>()
  #nextId = 0
  #receiver = 1

  /** Another thread takes the messages from now on. It has none of the buffers. */
  forgetReceiver(): void {
    this.#receiver++
  }

  /** The pieces, one after the other. They belong to this call: their memory is given back. */
  join(pieces: readonly Uint8Array[], length: number): SharedBytes {
    const size = sizeFor(length)
    const memory = this.#unused.get(size)?.pop() ?? this.#newMemory(size)
    this.#lent.set(memory.id, memory)
    const bytes = new Uint8Array(memory.buffer, 0, length)
    let at = 0
    for (const piece of pieces) {
      bytes.set(piece, at)
      at += piece.length
      release(piece)
    }
    // What is not kept by this side is not kept by the other.
    const isKnown = memory.receiver === this.#receiver && size <= KEPT_BYTES_MAX
    memory.receiver = this.#receiver
    return { memory: memory.id, buffer: isKnown ? null : memory.buffer, length }
  }

  /** The other thread does not look at them any more. */
  giveBack({ memory: id }: SharedBytes): void {
    const memory = this.#lent.get(id)!
    this.#lent.delete(id)
    const size = memory.buffer.byteLength
    if (size > KEPT_BYTES_MAX) return
    const unused = this.#unused.get(size)
    if (unused === undefined) this.#unused.set(size, [memory])
    else unused.push(memory)
  }

  #newMemory(size: number): Memory {
    return { id: this.#nextId++, buffer: new SharedArrayBuffer(size), receiver: 0 }
  }
}

/** The other side: finds the memory that a message names. */
export class ReceivedBuffers {
  readonly #known = new Map<number, SharedArrayBuffer>()

  /** The bytes; they are the sender's again when the message is answered. */
  bytesOf({ memory, buffer, length }: SharedBytes): Uint8Array {
    if (buffer !== null && buffer.byteLength <= KEPT_BYTES_MAX) this.#known.set(memory, buffer)
    return new Uint8Array(buffer ?? this.#known.get(memory)!, 0, length)
  }
}

/** Gives memory back now, where the piece is all of it: the collector would find it much later. */
function release({ buffer, length }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === length) buffer.transfer(0)
}

/** Powers of two, so that few sizes serve all messages. */
const sizeFor = (length: number): number => Math.max(BYTES_MIN, 2 ** Math.ceil(Math.log2(Math.max(length, 1))))
