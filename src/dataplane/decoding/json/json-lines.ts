import type { StreamDecoder } from '../stream-decoder.ts'

const LINE_FEED = 10
const CARRIAGE_RETURN = 13
/** First byte of a byte order mark. */
const MARK_BEGIN = 0xef
const NOTHING: Uint8Array = new Uint8Array(0)

/**
 * Makes lines of messages, because the quick tiers read lines. A message that would not be exactly one line goes to the careful reader by
 * itself, so that every message is one record: one with line ends in it, an empty one, one that begins with a byte order mark.
 */
export class JsonLines {
  readonly #decoder: StreamDecoder
  /** Memory of the decoder, in which lines are laid; it stays in the processor's cache. */
  #room = NOTHING
  #used = 0

  constructor(decoder: StreamDecoder) {
    this.#decoder = decoder
  }

  /** The message is decoded when enough have come, or with `flush`. */
  write(value: Uint8Array | null): void {
    if (value === null || !isOneLine(value)) this.#writeAlone(value ?? NOTHING)
    else this.#writeLine(value)
  }

  flush(): void {
    if (this.#used > 0) this.#decoder.write(this.#room.subarray(0, this.#used))
    this.#room = NOTHING
    this.#used = 0
  }

  #writeLine(value: Uint8Array): void {
    if (!this.#hasRoomFor(value)) {
      this.flush()
      this.#room = this.#decoder.room()
    }
    if (this.#hasRoomFor(value)) this.#addLine(value)
    else this.#writeAlone(value)
  }

  #hasRoomFor(value: Uint8Array): boolean {
    return this.#used + value.length < this.#room.length
  }

  #addLine(value: Uint8Array): void {
    this.#room.set(value, this.#used)
    this.#used += value.length
    this.#room[this.#used++] = LINE_FEED
  }

  #writeAlone(value: Uint8Array): void {
    this.flush()
    this.#decoder.writeWhole(value)
  }
}

/** A carriage return is cut from the end of a line, and a line of nothing else is no record. */
const isOneLine = (value: Uint8Array): boolean =>
  value.length > 0 && value[0] !== MARK_BEGIN && value.at(-1) !== CARRIAGE_RETURN && !value.includes(LINE_FEED)
