import { READ_AHEAD_BYTES } from '../columns/column-builder.ts'
import { hashBytes } from '../columns/string-bytes.ts'

const UTF8 = new TextEncoder()

interface Name {
  readonly index: number
  readonly bytes: Uint8Array
}

/** Finds a field by the bytes of its name. */
export class FieldNames {
  readonly #names: readonly Name[]
  readonly #table: (Name | undefined)[]

  constructor(names: readonly string[]) {
    this.#names = names.map((name, index) => ({ index, bytes: UTF8.encode(name) }))
    this.#table = new Array(2 ** Math.ceil(Math.log2(names.length * 4)))
    for (const name of this.#names) {
      const padded = new Uint8Array(name.bytes.length + READ_AHEAD_BYTES)
      padded.set(name.bytes)
      let slot = this.#slot(hashBytes(padded, new DataView(padded.buffer), 0, name.bytes.length))
      while (this.#table[slot] !== undefined) slot = this.#slot(slot + 1)
      this.#table[slot] = name
    }
  }

  /** Index of the field, or -1. `expected` is tried first. */
  find(bytes: Uint8Array, view: DataView, start: number, end: number, expected: number): number {
    const guess = this.#names[expected]
    if (guess !== undefined && equals(guess.bytes, bytes, start, end)) return expected
    let slot = this.#slot(hashBytes(bytes, view, start, end - start))
    for (let name = this.#table[slot]; name !== undefined; name = this.#table[slot]) {
      if (equals(name.bytes, bytes, start, end)) return name.index
      slot = this.#slot(slot + 1)
    }
    return -1
  }

  #slot(hash: number): number {
    return hash & (this.#table.length - 1)
  }
}

function equals(name: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false
  for (let i = 0; i < name.length; i++) if (name[i] !== bytes[start + i]) return false
  return true
}
