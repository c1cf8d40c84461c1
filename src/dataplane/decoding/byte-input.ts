import { copyBytes } from '#foundation/threads/copy-bytes.ts'
import { READ_AHEAD_BYTES } from './columns/column-builder.ts'

const CAPACITY_BYTES = 2 * 1024 * 1024
/** From here on the bytes that are needed move to the front when they are few, so that the same memory stays in the cache. */
const MOVE_FROM_BYTES = 256 * 1024
const MOVE_SHARE_MAX = 1 / 8
/** Memory that is up to so many times too large is kept: what is needed goes up and down with each batch, and new memory for each makes the collector run. */
const KEPT_TIMES = 8

/**
 * The bytes that were received and are still needed: those of pending records and the ones not read yet. One piece of
 * memory; positions are indexes into `bytes` and hold until the next `append`, `base + position` holds for ever.
 */
export class ByteInput {
  bytes = new Uint8Array(64 * 1024)
  view = new DataView(this.bytes.buffer)
  /** The same memory once more: its searches are native. */
  buffer = Buffer.from(this.bytes.buffer)
  /** Position of the first byte that was not read yet. */
  cursor = 0
  /** Position after the last byte. */
  end = 0
  /** Bytes of the input before `bytes[0]`. */
  base = 0

  /** Memory for at least `length` more bytes, which `grow` then adds. Bytes before `keepFrom` (in the whole input) may go. */
  room(length: number, keepFrom: number): Uint8Array {
    const from = Math.min(keepFrom - this.base, this.cursor)
    const isFull = this.end + length + READ_AHEAD_BYTES > this.bytes.length
    const isMostlyRead = this.end > MOVE_FROM_BYTES && this.end - from < this.end * MOVE_SHARE_MAX
    if (isFull || isMostlyRead) this.#makeRoom(length, from)
    return this.bytes.subarray(this.end, this.end + length)
  }

  /** Whether the bytes lie where `room` last said. */
  isInRoom(bytes: Uint8Array): boolean {
    return bytes.buffer === this.bytes.buffer && bytes.byteOffset === this.end
  }

  grow(length: number): void {
    this.end += length
  }

  /** Adds a copy of `chunk`. */
  append(chunk: Uint8Array, keepFrom: number): void {
    copyBytes(chunk, this.room(chunk.length, keepFrom))
    this.grow(chunk.length)
  }

  /** Takes the unread bytes away, all but the first `length`. */
  truncateUnread(length: number): void {
    this.end = this.cursor + length
  }

  get unread(): number {
    return this.end - this.cursor
  }

  /** A copy of bytes that are still held; `start` counts from the beginning of the input. */
  copy(start: number, length: number): Uint8Array {
    return this.bytes.slice(start - this.base, start - this.base + length)
  }

  #makeRoom(added: number, from: number): void {
    const kept = this.end - from
    const needed = kept + added + READ_AHEAD_BYTES
    const capacity = Math.max(needed * 2, CAPACITY_BYTES)
    const fits = needed <= this.bytes.length && this.bytes.length <= capacity * KEPT_TIMES
    if (fits) this.bytes.copyWithin(0, from, this.end)
    else {
      const larger = new Uint8Array(capacity)
      larger.set(this.bytes.subarray(from, this.end))
      this.bytes = larger
      this.view = new DataView(larger.buffer)
      this.buffer = Buffer.from(larger.buffer)
    }
    this.base += from
    this.cursor -= from
    this.end = kept
  }
}
