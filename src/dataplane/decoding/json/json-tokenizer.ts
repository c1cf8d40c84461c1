import { endOfPlainText } from '../columns/string-bytes.ts'
import type { DecoderField } from '../decoder-field.ts'
import { FieldNames } from './field-names.ts'
import { NULL_WORD, skipSpace, skipValue } from './json-tokens.ts'

const QUOTE = 34
const COMMA = 44
const COLON = 58
const OPEN_BRACE = 123
const CLOSE_BRACE = 125

/** The second tier: any order of keys, white space, unknown keys. It accepts records; what it does not accept it leaves to the third. */
export class JsonTokenizer {
  readonly #fields: readonly DecoderField[]
  readonly #names: FieldNames
  readonly #present: Uint8Array
  #presentCount = 0
  #anyUnknown = false
  #lastField = -1

  constructor(fields: readonly DecoderField[]) {
    this.#fields = fields
    this.#names = new FieldNames(fields.map(({ name }) => name))
    this.#present = new Uint8Array(fields.length)
  }

  /** Writes the record of the line from `start` to the line feed at `lineEnd` to a row. False when it is not sure. */
  read(bytes: Uint8Array, view: DataView, start: number, lineEnd: number, row: number): boolean {
    this.#present.fill(0)
    this.#presentCount = 0
    this.#anyUnknown = false
    this.#lastField = -1
    let position = skipSpace(bytes, start)
    if (bytes[position] !== OPEN_BRACE) return false
    position = skipSpace(bytes, position + 1)
    while (bytes[position] !== CLOSE_BRACE) {
      position = this.#readMember(bytes, view, position, row)
      if (position < 0) return false
      position = skipSpace(bytes, position)
      if (bytes[position] === CLOSE_BRACE) break
      if (bytes[position] !== COMMA) return false
      position = skipSpace(bytes, position + 1)
      if (bytes[position] === CLOSE_BRACE) return false
    }
    return skipSpace(bytes, position + 1) === lineEnd && this.#fillAbsent(row)
  }

  /** `"key": value`. A known key that comes again is left to the third tier. */
  #readMember(bytes: Uint8Array, view: DataView, position: number, row: number): number {
    if (bytes[position] !== QUOTE) return -1
    const nameEnd = endOfPlainText(bytes, view, position + 1)
    if (bytes[nameEnd] !== QUOTE) return -1
    const colon = skipSpace(bytes, nameEnd + 1)
    if (bytes[colon] !== COLON) return -1
    const value = skipSpace(bytes, colon + 1)
    const index = this.#names.find(bytes, view, position + 1, nameEnd, this.#lastField + 1)
    if (index < 0) {
      this.#anyUnknown = true
      return skipValue(bytes, view, value)
    }
    if (this.#present[index] === 1) return -1
    this.#present[index] = 1
    this.#presentCount++
    this.#lastField = index
    return this.#readValue(this.#fields[index]!, bytes, view, value, row)
  }

  #readValue(
    { column, nullable }: DecoderField,
    bytes: Uint8Array,
    view: DataView,
    position: number,
    row: number,
  ): number {
    if (bytes[position] !== 110) return column.readJson(bytes, view, position, row)
    if (!nullable || view.getInt32(position, true) !== NULL_WORD) return -1
    column.setNull(row)
    return position + 4
  }

  #fillAbsent(row: number): boolean {
    if (this.#presentCount === this.#fields.length) return true
    if (this.#anyUnknown) return false
    for (let index = 0; index < this.#fields.length; index++) {
      if (this.#present[index] === 1) continue
      if (!this.#fields[index]!.nullable) return false
      this.#fields[index]!.column.setNull(row)
    }
    return true
  }
}
