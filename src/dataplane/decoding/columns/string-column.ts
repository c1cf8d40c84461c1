import type { Value } from '#language/schemas/field-types.ts'
import type { Column } from '../../records/record-batch.ts'
import { anySet, type ColumnBuilder, grown, READ_AHEAD_BYTES, releaseFlags } from './column-builder.ts'
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
  { values: 65_536, distinctShareMax: 0.25 },
] as const
/** Longer texts are worth the native call and the view it needs. */
const COPY_BY_LOOP_MAX = 128
const UTF8 = new TextEncoder()
const unescaped = createUnescaped(4096)
const plain: PlainText = { end: 0, hash: 0 }

/**
 * Strings: codes of a dictionary while values repeat, otherwise their bytes one after the other. What generated decoders write to
 * without a call is open.
 */
export class StringColumn implements ColumnBuilder {
  /** Null once the dictionary was given up; `offsets` and `bytes` hold the values then. */
  interner: Interner | null = new Interner()
  /** Code of each row, -1 where it is null; while there is a dictionary. */
  codes = new Int32Array(0)
  offsets = new Uint32Array(1)
  bytes: Uint8Array = new Uint8Array(0)
  view = new DataView(this.bytes.buffer)
  /** Of rows of text. */
  nulls = new Uint8Array(0)
  mayHaveNulls = false
  #values = 0
  #trial = 0

  readJson(bytes: Uint8Array, view: DataView, position: number, row: number): number {
    if (bytes[position] !== QUOTE) return -1
    const start = position + 1
    if (this.interner !== null) {
      scanPlainText(bytes, view, start, plain)
      const { end } = plain
      if (bytes[end] === QUOTE) {
        this.#intern(this.interner, bytes, view, start, end - start, plain.hash, row)
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

  /** `readJson` for a generated decoder whose guess was wrong: it will guess right the next time. -1 also when the dictionary is full. */
  readUnguessed(bytes: Uint8Array, view: DataView, position: number, row: number): number {
    const { interner } = this
    const start = position + 1
    if (interner === null || bytes[position] !== QUOTE) return -1
    scanPlainText(bytes, view, start, plain)
    if (bytes[plain.end] !== QUOTE) return -1
    const code = interner.intern(bytes, view, start, plain.end - start, plain.hash)
    if (code < 0) return -1
    interner.guess.learn(view, start, code, interner)
    this.codes[row] = code
    return plain.end + 1
  }

  readCsv(bytes: Uint8Array, view: DataView, start: number, end: number, row: number): boolean {
    this.keep(bytes, view, start, end - start, row)
    return true
  }

  /** Stores valid UTF-8 as the value of a row, which is the last one so far. */
  keep(bytes: Uint8Array, view: DataView, start: number, length: number, row: number): void {
    if (this.interner === null) this.#append(bytes, start, length, row)
    else this.#intern(this.interner, bytes, view, start, length, hashBytes(bytes, view, start, length), row)
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
    if (code >= 0) this.codes[row] = code
    else {
      this.giveUpDictionary(row)
      this.#append(bytes, start, length, row)
    }
  }

  #append(bytes: Uint8Array, start: number, length: number, row: number): void {
    const first = this.offsets[row]!
    if (first + length > this.bytes.length) this.#growBytes(first + length)
    const target = this.bytes
    if (length > COPY_BY_LOOP_MAX) target.set(bytes.subarray(start, start + length), first)
    else for (let i = 0; i < length; i++) target[first + i] = bytes[start + i]!
    this.offsets[row + 1] = first + length
    this.nulls[row] = 0
  }

  /** Makes room for text of the rows from `row` on. */
  reserveText(row: number, lengthBytes: number): void {
    const needed = this.offsets[row]! + lengthBytes
    if (needed > this.bytes.length) this.#growBytes(needed)
  }

  #growBytes(length: number): void {
    const larger = new Uint8Array(Math.max(length, this.bytes.length * 2, 4096))
    larger.set(this.bytes)
    this.bytes = larger
    this.view = new DataView(larger.buffer)
  }

  /** Rewrites the first `staged` rows as text. */
  giveUpDictionary(staged: number): void {
    const interner = this.interner!
    this.interner = null
    this.offsets[0] = 0
    for (let row = 0; row < staged; row++) {
      if (this.codes[row]! < 0) this.setNull(row)
      else {
        const bytes = interner.bytesOf(this.codes[row]!)
        this.#append(bytes, 0, bytes.length, row)
      }
    }
  }

  resetDictionary(staged: number): void {
    if (this.interner !== null) this.giveUpDictionary(staged)
    const interner = new Interner()
    const bytes = new Uint8Array(this.offsets[staged]! + READ_AHEAD_BYTES)
    bytes.set(this.bytes.subarray(0, this.offsets[staged]))
    const view = new DataView(bytes.buffer)
    for (let row = 0; row < staged; row++) {
      const start = this.offsets[row]!
      const length = this.offsets[row + 1]! - start
      const code =
        this.nulls[row] === 1 ? -1 : interner.intern(bytes, view, start, length, hashBytes(bytes, view, start, length))
      // Already more than a dictionary holds: the text of all rows is still there.
      if (code < 0 && this.nulls[row] === 0) return
      this.codes[row] = code
    }
    this.interner = interner
    this.#values = 0
    this.#trial = 0
    this.nulls.fill(0)
    this.mayHaveNulls = false
  }

  setNull(row: number): void {
    if (this.interner !== null) this.codes[row] = -1
    else {
      this.nulls[row] = 1
      this.mayHaveNulls = true
      this.offsets[row + 1] = this.offsets[row]!
    }
  }

  set(row: number, value: Value): void {
    const bytes = UTF8.encode(value as string)
    const padded = new Uint8Array(bytes.length + READ_AHEAD_BYTES)
    padded.set(bytes)
    this.keep(padded, new DataView(padded.buffer), 0, bytes.length, row)
  }

  clear(row: number): void {
    this.nulls[row] = 0
  }

  reserve(capacity: number): void {
    this.codes = grown(this.codes, capacity)
    this.offsets = grown(this.offsets, capacity + 1)
    this.nulls = grown(this.nulls, capacity)
  }

  borrow(rows: number): Column {
    if (this.interner !== null)
      return { layout: 'dictionary', codes: this.codes.subarray(0, rows), dictionary: this.interner.dictionary }
    return {
      layout: 'text',
      offsets: this.offsets.subarray(0, rows + 1),
      bytes: this.bytes.subarray(0, this.offsets[rows]),
      nulls: this.mayHaveNulls && anySet(this.nulls, rows) ? this.nulls.subarray(0, rows) : null,
    }
  }

  release(rows: number, staged: number): void {
    if (this.interner === null) this.#releaseText(rows, staged)
    else {
      this.#judge(this.interner, rows, staged)
      if (this.interner === null) this.#releaseText(rows, staged)
      else this.codes.copyWithin(0, rows, staged)
    }
  }

  /** Gives the dictionary up when too much of what it was asked for was new. */
  #judge({ size }: Interner, rows: number, staged: number): void {
    const trial = TRIALS[this.#trial]
    if (trial === undefined) return
    for (let row = 0; row < rows; row++) if (this.codes[row]! >= 0) this.#values++
    if (this.#values < trial.values) return
    this.#trial++
    if (size > trial.distinctShareMax * this.#values) this.giveUpDictionary(staged)
  }

  #releaseText(rows: number, staged: number): void {
    const end = this.offsets[rows]!
    this.bytes.copyWithin(0, end, this.offsets[staged])
    for (let row = rows; row <= staged; row++) this.offsets[row - rows] = this.offsets[row]! - end
    if (!this.mayHaveNulls) return
    releaseFlags(this.nulls, rows, staged)
    this.mayHaveNulls = anySet(this.nulls, staged - rows)
  }
}
