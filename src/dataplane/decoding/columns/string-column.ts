import type { Value } from '#language/schemas/field-types.ts'
import type { Column } from '../../records/record-batch.ts'
import { type ColumnBuilder, grown, READ_AHEAD_BYTES, takeFirst, takeNulls } from './column-builder.ts'
import { Interner } from './interner.ts'
import { createUnescaped, endOfPlainText, unescapeString } from './string-bytes.ts'

const QUOTE = 34
/** After so many values a column is judged: when more than this share of them was new, a dictionary does not pay. */
const TRIALS = [
  { values: 4096, distinctShareMax: 0.9 },
  { values: 65_536, distinctShareMax: 0.5 },
] as const
const UTF8 = new TextEncoder()
const unescaped = createUnescaped(4096)

/** Strings: codes of a dictionary while values repeat, otherwise their bytes one after the other. */
export class StringColumn implements ColumnBuilder {
  /** Null once the dictionary was given up; `#offsets` and `#bytes` hold the values then. */
  #interner: Interner | null = new Interner()
  #codes = new Int32Array(0)
  #offsets = new Uint32Array(1)
  #bytes: Uint8Array = new Uint8Array(0)
  #nulls = new Uint8Array(0)
  #values = 0
  #trial = 0

  readJson(bytes: Uint8Array, view: DataView, position: number, row: number): number {
    if (bytes[position] !== QUOTE) return -1
    const start = position + 1
    const end = endOfPlainText(bytes, view, start)
    if (bytes[end] === QUOTE) {
      this.keep(bytes, view, start, end - start, row)
      return end + 1
    }
    if (!unescapeString(bytes, start, unescaped)) return -1
    this.keep(unescaped.bytes, unescaped.view, 0, unescaped.length, row)
    return unescaped.end
  }

  readCsv(bytes: Uint8Array, view: DataView, start: number, end: number, row: number): boolean {
    this.keep(bytes, view, start, end - start, row)
    return true
  }

  /** Stores valid UTF-8 as the value of a row, which is the last one so far. */
  keep(bytes: Uint8Array, view: DataView, start: number, length: number, row: number): void {
    this.#nulls[row] = 0
    if (this.#interner !== null) {
      const code = this.#interner.intern(bytes, view, start, length)
      if (code >= 0) {
        this.#codes[row] = code
        this.#values++
        return
      }
      this.#giveUpDictionary(row)
    }
    this.#append(bytes, start, length, row)
  }

  #append(bytes: Uint8Array, start: number, length: number, row: number): void {
    const first = this.#offsets[row]!
    if (first + length > this.#bytes.length) this.#growBytes(first + length)
    if (length > 32) this.#bytes.set(bytes.subarray(start, start + length), first)
    else for (let i = 0; i < length; i++) this.#bytes[first + i] = bytes[start + i]!
    this.#offsets[row + 1] = first + length
  }

  #growBytes(length: number): void {
    const larger = new Uint8Array(Math.max(length, this.#bytes.length * 2, 4096))
    larger.set(this.#bytes)
    this.#bytes = larger
  }

  /** Rewrites the first `staged` rows as text. */
  #giveUpDictionary(staged: number): void {
    const interner = this.#interner!
    this.#interner = null
    for (let row = 0; row < staged; row++) {
      if (this.#nulls[row] === 1) this.#offsets[row + 1] = this.#offsets[row]!
      else {
        const bytes = interner.bytesOf(this.#codes[row]!)
        this.#append(bytes, 0, bytes.length, row)
      }
    }
  }

  resetDictionary(staged: number): void {
    if (this.#interner !== null) this.#giveUpDictionary(staged)
    const interner = new Interner()
    this.#interner = interner
    this.#values = 0
    this.#trial = 0
    const bytes = new Uint8Array(this.#offsets[staged]! + READ_AHEAD_BYTES)
    bytes.set(this.#bytes.subarray(0, this.#offsets[staged]))
    const view = new DataView(bytes.buffer)
    for (let row = 0; row < staged; row++) {
      if (this.#nulls[row] === 1) this.#codes[row] = -1
      else this.#codes[row] = interner.intern(bytes, view, this.#offsets[row]!, this.#offsets[row + 1]! - this.#offsets[row]!)
      if (this.#nulls[row] === 0 && this.#codes[row]! < 0) {
        // Already more than a dictionary holds: the text of all rows is still there.
        this.#interner = null
        return
      }
    }
    this.#offsets.fill(0)
  }

  setNull(row: number): void {
    this.#nulls[row] = 1
    this.#codes[row] = -1
    this.#offsets[row + 1] = this.#offsets[row]!
  }

  set(row: number, value: Value): void {
    const bytes = UTF8.encode(value as string)
    const padded = new Uint8Array(bytes.length + READ_AHEAD_BYTES)
    padded.set(bytes)
    this.keep(padded, new DataView(padded.buffer), 0, bytes.length, row)
  }

  reserve(capacity: number): void {
    this.#codes = grown(this.#codes, capacity)
    this.#offsets = grown(this.#offsets, capacity + 1)
    this.#nulls = grown(this.#nulls, capacity)
  }

  take(rows: number, staged: number): Column {
    if (this.#interner === null) return this.#takeText(rows, staged)
    const { dictionary } = this.#interner
    const codes = takeFirst(this.#codes, rows, staged)
    this.#nulls.copyWithin(0, rows, staged)
    this.#judge(staged - rows)
    return { layout: 'dictionary', codes, dictionary }
  }

  #judge(staged: number): void {
    const trial = TRIALS[this.#trial]
    if (trial === undefined || this.#values < trial.values) return
    this.#trial++
    if (this.#interner!.size > trial.distinctShareMax * this.#values) this.#giveUpDictionary(staged)
  }

  #takeText(rows: number, staged: number): Column {
    const end = this.#offsets[rows]!
    const bytes = this.#bytes.slice(0, end)
    this.#bytes.copyWithin(0, end, this.#offsets[staged])
    const offsets = this.#offsets.slice(0, rows + 1)
    for (let row = rows; row <= staged; row++) this.#offsets[row - rows] = this.#offsets[row]! - end
    return { layout: 'text', offsets, bytes, nulls: takeNulls(this.#nulls, rows, staged) }
  }
}
