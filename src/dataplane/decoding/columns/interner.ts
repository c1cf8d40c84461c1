import type { Dictionary } from '../../records/record-batch.ts'
import { READ_AHEAD_BYTES } from './column-builder.ts'
import { SampledGuess } from './sampled-guess.ts'

/** A dictionary holds at most this many entries and bytes; a column with more is written as text. */
export const DICTIONARY_ENTRIES_MAX = 65_536
export const DICTIONARY_BYTES_MAX = 4 * 1024 * 1024
/** Honest strings never collide this often; hostile ones must not make each look-up a search. */
const PROBES_MAX = 256
const FULL = -1
const QUOTE = 34

/** Gives equal byte strings one code: open addressing over hashes, the bytes of all entries in one piece. */
export class Interner {
  readonly dictionary: Dictionary = { entries: [] }
  /** For generated decoders: which entry a JSON string probably is, by a few of its bytes. */
  readonly guess = new SampledGuess()
  /** Slots of two: code + 1 (0 where free), hash. */
  #slots = new Int32Array(512)
  /** Entry `code` has the bytes [starts[code], starts[code + 1] - 1); a quote stands behind it, as behind a JSON string. */
  starts = new Int32Array(129)
  bytes: Uint8Array = new Uint8Array(4096)
  view = new DataView(this.bytes.buffer)

  get size(): number {
    return this.dictionary.entries.length
  }

  /** The code of these bytes, whose `hashBytes` is `hash`, new or known; -1 when there is no room for a new one. */
  intern(bytes: Uint8Array, view: DataView, start: number, length: number, hash: number): number {
    const slots = this.#slots
    const mask = slots.length - 1
    for (let probe = 0; probe < PROBES_MAX; probe++) {
      const slot = ((hash + probe) << 1) & mask
      const code = slots[slot]! - 1
      if (code < 0) return this.#add(bytes, start, length, hash, slot)
      if (slots[slot + 1] === hash && this.#equals(code, bytes, view, start, length)) return code
    }
    return FULL
  }

  /** The bytes of an entry; valid until the next `intern`. */
  bytesOf(code: number): Uint8Array {
    return this.bytes.subarray(this.starts[code], this.starts[code + 1]! - 1)
  }

  #equals(code: number, bytes: Uint8Array, view: DataView, start: number, length: number): boolean {
    let own = this.starts[code]!
    if (this.starts[code + 1]! - 1 - own !== length) return false
    let position = start
    for (const end = start + length - 3; position < end; position += 4, own += 4) {
      if (view.getInt32(position, true) !== this.view.getInt32(own, true)) return false
    }
    for (const end = start + length; position < end; position++, own++) {
      if (bytes[position] !== this.bytes[own]) return false
    }
    return true
  }

  #add(bytes: Uint8Array, start: number, length: number, hash: number, slot: number): number {
    const code = this.size
    const first = this.starts[code]!
    if (code === DICTIONARY_ENTRIES_MAX || first + length > DICTIONARY_BYTES_MAX) return FULL
    if (first + length + READ_AHEAD_BYTES > this.bytes.length) this.#growBytes(first + length)
    const entry = bytes.subarray(start, start + length)
    this.bytes.set(entry, first)
    this.bytes[first + length] = QUOTE
    this.dictionary.entries.push(Buffer.from(entry.buffer, entry.byteOffset, length).toString())
    if (code + 2 > this.starts.length) this.#growStarts()
    this.starts[code + 1] = first + length + 1
    this.#slots[slot] = code + 1
    this.#slots[slot + 1] = hash
    if ((code + 1) * 4 > this.#slots.length) this.#rehash()
    return code
  }

  #growBytes(length: number): void {
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, length + READ_AHEAD_BYTES))
    larger.set(this.bytes)
    this.bytes = larger
    this.view = new DataView(larger.buffer)
  }

  #growStarts(): void {
    const starts = new Int32Array(this.starts.length * 2)
    starts.set(this.starts)
    this.starts = starts
  }

  #rehash(): void {
    const before = this.#slots
    const slots = new Int32Array(before.length * 2)
    const mask = slots.length - 1
    for (let old = 0; old < before.length; old += 2) {
      if (before[old] === 0) continue
      let slot = (before[old + 1]! << 1) & mask
      while (slots[slot] !== 0) slot = (slot + 2) & mask
      slots[slot] = before[old]!
      slots[slot + 1] = before[old + 1]!
    }
    this.#slots = slots
  }
}
