import type { FieldType } from '#language/schemas/field-types.ts'
import type { RelationBatch } from '../../compile/relation.ts'
import { ColumnCodes } from './column-codes.ts'
import { NumberCodes } from './number-codes.ts'
import { CODES_MAX, type RowCodes } from './row-codes.ts'

/** More than any table has codes: two codes make one whole number below 2^53. */
const PAIR_STRIDE = 2 ** 26

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
  #epochs: readonly [object, object] | null = null

  of(a: RowCodes, b: RowCodes, { batch, rows, length }: RelationBatch): RowCodes {
    const known = this.#epochs?.[0] === a.epoch && this.#epochs[1] === b.epoch && this.#pairs.size <= CODES_MAX
    if (!known) this.#pairs = new NumberCodes()
    this.#epochs = [a.epoch, b.epoch]
    if (this.#codes.length < batch.rows) this.#codes = new Int32Array(batch.rows)
    const [codes, pairs] = [this.#codes, this.#pairs]
    for (let i = 0; i < length; i++) {
      const row = rows[i]!
      codes[row] = pairs.codeOf((a.codes[row]! + 1) * PAIR_STRIDE + b.codes[row]! + 1)
    }
    return { codes, size: pairs.size, epoch: pairs }
  }
}
