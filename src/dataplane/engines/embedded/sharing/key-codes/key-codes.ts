import type { FieldType } from '#language/schemas/field-types.ts'
import type { RelationBatch } from '../../compile/relation.ts'
import { ColumnCodes } from './column-codes.ts'
import { NumberCodes } from './number-codes.ts'
import { CODES_MAX, type RowCodes } from './row-codes.ts'

/** More than any table has codes: two codes make one whole number below 2^53. */
const PAIR_STRIDE = 2 ** 26
const UNKNOWN = -1
/** Up to so many possible pairs find their code in an array. */
const DIRECT_MAX = 2 ** 16

/** Codes of the group keys of a relation, found once for all queries that group by the same fields. */
export class KeyCodes {
  readonly #columns: readonly ColumnCodes[]
  /** One for each key after the first: it takes the codes so far and those of the key. */
  readonly #pairs: readonly PairCodes[]
  #input: RelationBatch | null = null
  #found: RowCodes | null = null

  /** At least one field. */
  constructor(fields: readonly { readonly name: string; readonly type: FieldType }[]) {
    this.#columns = fields.map(({ name, type }) => new ColumnCodes(name, type))
    this.#pairs = fields.slice(1).map(() => new PairCodes())
  }

  /** Valid until those of the next batch are asked for. */
  of(input: RelationBatch): RowCodes {
    if (this.#input !== input) {
      this.#input = input
      this.#found = this.#columns
        .map((column) => column.of(input))
        .reduce((codes, column, i) => this.#pairs[i - 1]!.of(codes, column, input))
    }
    return this.#found!
  }
}

/** Codes of pairs of codes. */
class PairCodes {
  #codes = new Int32Array(0)
  #pairs = new NumberCodes()
  /** Codes of pairs by first code * stride + second one, as far as they are known, and what they belong to. */
  #direct = new Int32Array(0)
  #stride = 0
  #directOf: NumberCodes | null = null
  #epochs: readonly [object, object] | null = null

  of(a: RowCodes, b: RowCodes, { batch, rows, length }: RelationBatch): RowCodes {
    const known = this.#epochs?.[0] === a.epoch && this.#epochs[1] === b.epoch && this.#pairs.size <= CODES_MAX
    if (!known) this.#pairs = new NumberCodes()
    this.#epochs = [a.epoch, b.epoch]
    if (this.#codes.length < batch.rows) this.#codes = new Int32Array(batch.rows)
    const stride = this.#directStride(a.size + 1, b.size + 1)
    for (let i = 0; i < length; i++) {
      i = lookUp(a.codes, b.codes, rows, i, length, this.#direct, stride, this.#codes)
      if (i < length) this.#codes[rows[i]!] = this.#codeOf(a.codes[rows[i]!]! + 1, b.codes[rows[i]!]! + 1, stride)
    }
    return { codes: this.#codes, size: this.#pairs.size, epoch: this.#pairs }
  }

  #codeOf(a: number, b: number, stride: number): number {
    const code = this.#pairs.codeOf(a * PAIR_STRIDE + b)
    if (stride > 0) this.#direct[a * stride + b] = code
    return code
  }

  /** Makes `#direct` fit; 0 where there are too many pairs for it. */
  #directStride(as: number, bs: number): number {
    const stride = 2 ** Math.ceil(Math.log2(bs))
    if (as * stride > DIRECT_MAX) return 0
    const known = this.#directOf === this.#pairs && this.#stride === stride && this.#direct.length >= as * stride
    if (!known) this.#direct = new Int32Array(Math.min(DIRECT_MAX, 2 * as * stride)).fill(UNKNOWN)
    this.#directOf = this.#pairs
    this.#stride = stride
    return stride
  }
}

/** Takes codes of pairs from `direct`, from the i-th row on, up to the first that is not there. Answers which row that is, or `length`. */
function lookUp(
  a: Int32Array,
  b: Int32Array,
  rows: Int32Array,
  from: number,
  length: number,
  direct: Int32Array,
  stride: number,
  codes: Int32Array,
): number {
  let i = from
  if (stride === 0) return i
  for (; i < length; i++) {
    const row = rows[i]!
    const code = direct[(a[row]! + 1) * stride + b[row]! + 1]!
    if (code === UNKNOWN) break
    codes[row] = code
  }
  return i
}
