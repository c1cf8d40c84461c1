import { READ_AHEAD_BYTES } from './column-builder.ts'
import { StringColumn } from './string-column.ts'

const QUOTE = 34
const UUID_LENGTH = 36
const HYPHEN = 45
const HYPHENS_AT = new Set([8, 13, 18, 23])

/** uuids in lower case, stored as strings are. */
export class UuidColumn extends StringColumn {
  readonly #lower = new Uint8Array(UUID_LENGTH + READ_AHEAD_BYTES)
  readonly #lowerView = new DataView(this.#lower.buffer)

  override readJson(bytes: Uint8Array, view: DataView, position: number, row: number): number {
    const end = position + 1 + UUID_LENGTH
    if (bytes[position] !== QUOTE || bytes[end] !== QUOTE) return -1
    return this.readCsv(bytes, view, position + 1, end, row) ? end + 1 : -1
  }

  override readCsv(bytes: Uint8Array, _view: DataView, start: number, end: number, row: number): boolean {
    if (end - start !== UUID_LENGTH) return false
    for (let i = 0; i < UUID_LENGTH; i++) {
      const byte = bytes[start + i]!
      const lower = byte >= 65 && byte <= 70 ? byte | 32 : byte
      const hexadecimal = (lower >= 48 && lower <= 57) || (lower >= 97 && lower <= 102)
      if (!(HYPHENS_AT.has(i) ? byte === HYPHEN : hexadecimal)) return false
      this.#lower[i] = lower
    }
    this.keep(this.#lower, this.#lowerView, 0, UUID_LENGTH, row)
    return true
  }
}
