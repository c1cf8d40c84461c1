import type { FieldType, Value } from '#language/schemas/field-types.ts'
import type { RelationBatch } from '../../compile/relation.ts'
import { type Vector, vectorReader } from '../../compile/vector.ts'
import { hasFewNulls } from '../null-marks.ts'
import { NumberCodes } from './number-codes.ts'
import { CODES_MAX, type RowCodes } from './row-codes.ts'
import { TextCodes } from './text-codes.ts'

const UNKNOWN = -1
const NULL_CODE = -1
/** Values from 0 up to here find their code in an array. */
const DIRECT_MAX = 2 ** 16
const TEXT_BYTES_MAX = 16 * 2 ** 20

type Layout<L extends Vector['layout']> = Extract<Vector, { layout: L }>

/** Codes of the values of one key column, in whatever layout a batch has it. */
export class ColumnCodes {
  readonly #name: string
  readonly #type: FieldType
  #codes = new Int32Array(0)
  #numbers = new NumberCodes()
  /** Codes of small whole numbers, as far as they are known. */
  #direct = new Int32Array(0)
  #texts = new TextCodes()
  #values = new Map<Value, number>()

  constructor(name: string, type: FieldType) {
    this.#name = name
    this.#type = type
  }

  /** Valid until the next call. */
  of(input: RelationBatch): RowCodes {
    const vector = input.column(this.#name)
    if (vector.layout === 'dictionary')
      return { codes: vector.codes, size: vector.dictionary.entries.length, epoch: vector.dictionary }
    if (this.#codes.length < input.batch.rows) this.#codes = new Int32Array(input.batch.rows)
    switch (vector.layout) {
      case 'int32':
        return this.#ofInts(vector, input)
      case 'float64':
        return this.#ofDoubles(vector, input)
      case 'text':
        return this.#ofTexts(vector, input)
      default:
        return this.#ofValues(vector, input)
    }
  }

  #ofInts({ values, nulls }: Layout<'int32'>, { rows, length }: RelationBatch): RowCodes {
    this.#makeRoomForNumbers()
    const codes = this.#codes
    for (let i = 0; i < length; i++) {
      i = lookUp(values, rows, i, length, this.#direct, codes)
      if (i < length) codes[rows[i]!] = this.#codeOfInt(values[rows[i]!]!)
    }
    if (nulls !== null) markNulls(codes, nulls, rows, length)
    return { codes, size: this.#numbers.size, epoch: this.#numbers }
  }

  #codeOfInt(value: number): number {
    const code = this.#numbers.codeOf(value)
    if (value < 0 || value >= DIRECT_MAX) return code
    if (value >= this.#direct.length) {
      const longer = new Int32Array(Math.min(DIRECT_MAX, Math.max(128, 2 * value))).fill(UNKNOWN)
      longer.set(this.#direct)
      this.#direct = longer
    }
    this.#direct[value] = code
    return code
  }

  #ofDoubles({ values, nulls }: Layout<'float64'>, { rows, length }: RelationBatch): RowCodes {
    this.#makeRoomForNumbers()
    const codes = this.#codes
    for (let i = 0; i < length; i++) codes[rows[i]!] = this.#numbers.codeOf(values[rows[i]!]!)
    if (nulls !== null) markNulls(codes, nulls, rows, length)
    return { codes, size: this.#numbers.size, epoch: this.#numbers }
  }

  #makeRoomForNumbers(): void {
    if (this.#numbers.size <= CODES_MAX) return
    this.#numbers = new NumberCodes()
    this.#direct = new Int32Array(0)
  }

  #ofTexts(vector: Layout<'text'>, { rows, length }: RelationBatch): RowCodes {
    if (this.#texts.size > CODES_MAX || this.#texts.bytes > TEXT_BYTES_MAX) this.#texts = new TextCodes()
    const codes = this.#codes
    for (let i = 0; i < length; i++) codes[rows[i]!] = this.#texts.codeOf(vector, rows[i]!)
    if (vector.nulls !== null) markNulls(codes, vector.nulls, rows, length)
    return { codes, size: this.#texts.size, epoch: this.#texts }
  }

  #ofValues(vector: Vector, { rows, length }: RelationBatch): RowCodes {
    if (this.#values.size > CODES_MAX) this.#values = new Map()
    const read = vectorReader(vector, this.#type)
    for (let i = 0; i < length; i++) {
      const value = read(rows[i]!)
      let code = value === null ? NULL_CODE : this.#values.get(value)
      if (code === undefined) this.#values.set(value, (code = this.#values.size))
      this.#codes[rows[i]!] = code
    }
    return { codes: this.#codes, size: this.#values.size, epoch: this.#values }
  }
}

/** Takes codes from `direct`, from the i-th row on, up to the first value whose code is not there. Answers which that is, or `length`. */
function lookUp(
  values: Int32Array,
  rows: Int32Array,
  from: number,
  length: number,
  direct: Int32Array,
  codes: Int32Array,
): number {
  let i = from
  for (; i < length; i++) {
    const row = rows[i]!
    const value = values[row]!
    const code = value >= 0 && value < direct.length ? direct[value]! : UNKNOWN
    if (code === UNKNOWN) break
    codes[row] = code
  }
  return i
}

function markNulls(codes: Int32Array, nulls: Uint8Array, rows: Int32Array, length: number): void {
  if (length === nulls.length && hasFewNulls(nulls)) {
    for (let row = nulls.indexOf(1); row >= 0; row = nulls.indexOf(1, row + 1)) codes[row] = NULL_CODE
    return
  }
  for (let i = 0; i < length; i++) if (nulls[rows[i]!] === 1) codes[rows[i]!] = NULL_CODE
}
