import type { Column } from '../../../../records/record-batch.ts'

const EMPTY = -1

/** Texts to codes from 0, in the order in which they are first seen, by their UTF-8 bytes: a text that is known is never made into a string. */
export class TextCodes {
  #codes = new Int32Array(64).fill(EMPTY)
  #hashes = new Int32Array(64)
  /** The bytes of all texts one after the other; code c ends at #ends[c]. */
  #bytes = new Uint8Array(1024)
  #ends = new Uint32Array(64)
  size = 0

  /** Bytes of the texts that are known. */
  get bytes(): number {
    return this.size === 0 ? 0 : this.#ends[this.size - 1]!
  }

  codeOf({ bytes, offsets }: Extract<Column, { layout: 'text' }>, row: number): number {
    const begin = offsets[row]!
    const end = offsets[row + 1]!
    const hash = hashOf(bytes, begin, end)
    const mask = this.#codes.length - 1
    for (let i = (hash >>> 0) & mask; ; i = (i + 1) & mask) {
      const code = this.#codes[i]!
      if (code === EMPTY) return this.#add(i, hash, bytes, begin, end)
      if (this.#hashes[code] === hash && this.#holds(code, bytes, begin, end)) return code
    }
  }

  #holds(code: number, bytes: Uint8Array, begin: number, end: number): boolean {
    const start = code === 0 ? 0 : this.#ends[code - 1]!
    const length = end - begin
    if (this.#ends[code]! - start !== length) return false
    for (let i = 0; i < length; i++) if (this.#bytes[start + i] !== bytes[begin + i]) return false
    return true
  }

  #add(i: number, hash: number, bytes: Uint8Array, begin: number, end: number): number {
    const code = this.size++
    const start = code === 0 ? 0 : this.#ends[code - 1]!
    this.#reserve(start + end - begin)
    this.#bytes.set(bytes.subarray(begin, end), start)
    this.#ends[code] = start + end - begin
    this.#hashes[code] = hash
    this.#codes[i] = code
    if (this.size * 2 > this.#codes.length) this.#rehash()
    return code
  }

  #reserve(bytes: number): void {
    if (this.#bytes.length < bytes) this.#bytes = longer(this.#bytes, new Uint8Array(bytes * 2))
    if (this.#ends.length < this.size) this.#ends = longer(this.#ends, new Uint32Array(this.size * 2))
    if (this.#hashes.length < this.size) this.#hashes = longer(this.#hashes, new Int32Array(this.size * 2))
  }

  #rehash(): void {
    const mask = this.#codes.length * 2 - 1
    this.#codes = new Int32Array(mask + 1).fill(EMPTY)
    for (let code = 0; code < this.size; code++) {
      let i = (this.#hashes[code]! >>> 0) & mask
      while (this.#codes[i] !== EMPTY) i = (i + 1) & mask
      this.#codes[i] = code
    }
  }
}

function longer<A extends Uint8Array | Uint32Array | Int32Array>(array: A, into: A): A {
  into.set(array)
  return into
}

/** FNV-1a, and a last mix for the low bits that a table uses. */
function hashOf(bytes: Uint8Array, begin: number, end: number): number {
  let hash = 0x811c9dc5 | 0
  for (let i = begin; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193)
  return hash ^ (hash >>> 15)
}
