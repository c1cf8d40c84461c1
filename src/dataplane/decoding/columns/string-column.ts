import type { Value } from '#language/schemas/field-types.ts'
import type { Column } from '../../records/record-batch.ts'
import { type ColumnBuilder, grown, READ_AHEAD_BYTES, takeFirst, takeNulls } from './column-builder.ts'
import { Interner } from './interner.ts'
import {
  createUnescaped,
  endOfPlainText,
  hashBytes,
  type PlainText,
  scanPlainText,
  unescapeString,
} from './string-bytes.ts'

const QUOTE = 34
/** After so many values a column is judged: when more than this share of them was new, a dictionary does not pay. */
const TRIALS = [
  { values: 4096, distinctShareMax: 0.9 },
  { values: 65_536, distinctShareMax: 0.5 },
] as const
/** Longer texts are worth the native call and the view it needs. */
const COPY_BY_LOOP_MAX = 128
const UTF8 = new TextEncoder()
const unescaped = createUnescaped(4096)
const plain: PlainText = { end: 0, hash: 0 }

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
    if (this.#interner !== null) {
      scanPlainText(bytes, view, start, plain)
      const { end } = plain
      if (bytes[end] === QUOTE) {
        this.#intern(this.#interner, bytes, view, start, end - start, plain.hash, row)
        return end + 1
      }
    } else {
      const end = endOfPlainText(bytes, view, start)
      if (bytes[end] === QUOTE) {
        this.#append(bytes, start, end - start, row)
        return end + 1
      }
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
    if (this.#interner === null) this.#append(bytes, start, length, row)
    else this.#intern(this.#interner, bytes, view, start, length, hashBytes(bytes, view, start, length), row)
  }

  #intern(
    interner: Interner,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    length: number,
    hash: number,
    row: number,
  ): void {
    const code = interner.intern(bytes, view, start, length, hash)
    if (code < 0) {
      this.#giveUpDictionary(row)
      this.#append(bytes, start, length, row)
      return
    }
    this.#codes[row] = code
    this.#nulls[row] = 0
    this.#values++
  }

  #append(bytes: Uint8Array, start: number, length: number, row: number): void {
    const first = this.#offsets[row]!
    if (first + length > this.#bytes.length) this.#growBytes(first + length)
    const target = this.#bytes
    if (length > COPY_BY_LOOP_MAX) target.set(bytes.subarray(start, start + length), first)
    else for (let i = 0; i < length; i++) target[first + i] = bytes[start + i]!
    this.#offsets[row + 1] = first + length
    this.#nulls[row] = 0
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
      else {
        const start = this.#offsets[row]!
        const length = this.#offsets[row + 1]! - start
        this.#codes[row] = interner.intern(bytes, view, start, length, hashBytes(bytes, view, start, length))
      }
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
