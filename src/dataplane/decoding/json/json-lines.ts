import { type Message, valueOfMessage } from '../message-decoder.ts'
import type { StreamDecoder } from '../stream-decoder.ts'

const LINE_FEED = 10
const CARRIAGE_RETURN = 13
/** First byte of a byte order mark. */
const MARK_BEGIN = 0xef
const NOTHING = Buffer.alloc(0)

/**
 * Makes lines of messages, because the quick tiers read lines. A message that would not be exactly one line goes to the careful reader by
 * itself, so that every message is one record: one with line ends in it, an empty one, one that begins with a byte order mark.
 */
export class JsonLines {
  readonly #decoder: StreamDecoder
  /** Memory of the decoder, in which lines are laid; it stays in the processor's cache. A buffer, as its searches are native. */
  #room: Buffer = NOTHING
  #used = 0

  constructor(decoder: StreamDecoder) {
    this.#decoder = decoder
  }

  /** The message is decoded when enough have come, or with `flush`. */
  write(message: Message): void {
    if (!this.#hasRoomFor(message)) {
      this.flush()
      const { buffer, byteOffset, length } = this.#decoder.room()
      this.#room = Buffer.from(buffer, byteOffset, length)
    }
    if (!this.#hasRoomFor(message) || !this.#addLine(message)) this.#writeAlone(message)
  }

  flush(): void {
    if (this.#used > 0) this.#decoder.write(this.#room.subarray(0, this.#used))
    this.#room = NOTHING
    this.#used = 0
  }

  #hasRoomFor({ start, end }: Message): boolean {
    return this.#used + end - start < this.#room.length
  }

  /** Answers whether the message is exactly one line; otherwise nothing was added. Its line end bounds the search for another one. */
  #addLine({ bytes, start, end }: Message): boolean {
    if (!mayBeLine(bytes, start, end)) return false
    const lineEnd = this.#used + end - start
    this.#room.set(bytes.subarray(start, end), this.#used)
    this.#room[lineEnd] = LINE_FEED
    if (this.#room.indexOf(LINE_FEED, this.#used) < lineEnd) return false
    this.#used = lineEnd + 1
    return true
  }

  #writeAlone(message: Message): void {
    this.flush()
    this.#decoder.writeWhole(valueOfMessage(message))
  }
}

/** A carriage return is cut from the end of a line, and a line of nothing else is no record. */
const mayBeLine = (bytes: Uint8Array, start: number, end: number): boolean =>
  start < end && bytes[start] !== MARK_BEGIN && bytes[end - 1] !== CARRIAGE_RETURN
