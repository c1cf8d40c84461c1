import { invariant } from '#foundation/errors/mysimbdp-error.ts'
import { copyBytes } from '#foundation/threads/copy-bytes.ts'

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
  /** The thread that certainly has it, by its number; 0 for none. */
  receiver: number
  /** The one that its last message went to. */
  sentTo: number
}

/** Pieces one after the other, waiting to be sent or on their way. */
export interface JoinedPieces {
  readonly memory: Memory
  readonly length: number
}

/**
 * Memory in which bytes go to another thread and which then comes back. A buffer that is new to an isolate counts as memory it has taken, also where it is
 * shared: at a hundred megabytes a second each isolate marks its whole heap several times a second, which took a third of all processor time. So the
 * other thread is given each buffer once.
 */
export class MessageBuffers {
  /** Unused ones, by size. */
  readonly #unused = new Map<number, Memory[]>()
  #nextId = 0
  #receiver = 1

  /** Another thread takes the messages from now on. It has none of the buffers. */
  forgetReceiver(): void {
    this.#receiver++
  }

  /** The pieces belong to this call: their memory is given back. */
  join(pieces: readonly Uint8Array[], length: number): JoinedPieces {
    const memory = this.#unused.get(sizeFor(length))?.pop() ?? this.#newMemory(sizeFor(length))
    const bytes = new Uint8Array(memory.buffer, 0, length)
    let at = 0
    for (const piece of pieces) {
      copyBytes(piece, bytes.subarray(at))
      at += piece.length
      release(piece)
    }
    return { memory, length }
  }

  /** What to send, made when it is sent: which thread receives it is known only then. */
  message({ memory, length }: JoinedPieces): SharedBytes {
    memory.sentTo = this.#receiver
    return { memory: memory.id, buffer: memory.receiver === this.#receiver ? null : memory.buffer, length }
  }

  /**
   * The other thread does not look at them any more.
   * @param arrived whether it has answered that it took them: only then it certainly has the buffer
   */
  giveBack({ memory }: JoinedPieces, { arrived }: { readonly arrived: boolean }): void {
    const size = memory.buffer.byteLength
    if (size > KEPT_BYTES_MAX) return
    if (arrived) memory.receiver = memory.sentTo
    const unused = this.#unused.get(size)
    if (unused === undefined) this.#unused.set(size, [memory])
    else unused.push(memory)
  }

  #newMemory(size: number): Memory {
    return { id: this.#nextId++, buffer: new SharedArrayBuffer(size), receiver: 0, sentTo: 0 }
  }
}

/** The other side: finds the memory that a message names. */
export class ReceivedBuffers {
  readonly #known = new Map<number, SharedArrayBuffer>()

  /** The bytes; they are the sender's again when the message is answered. */
  bytesOf({ memory, buffer, length }: SharedBytes): Uint8Array {
    if (buffer !== null && buffer.byteLength <= KEPT_BYTES_MAX) this.#known.set(memory, buffer)
    const known = buffer ?? this.#known.get(memory)
    invariant(known !== undefined, `the buffer ${memory} was sent before`)
    return new Uint8Array(known, 0, length)
  }
}

/** Gives memory back now, where the piece is all of it: the collector would find it much later. */
function release({ buffer, length }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === length) buffer.transfer(0)
}

/** Powers of two, so that few sizes serve all messages. */
const sizeFor = (length: number): number => Math.max(BYTES_MIN, 2 ** Math.ceil(Math.log2(Math.max(length, 1))))
