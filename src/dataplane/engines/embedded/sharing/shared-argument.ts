import type { FieldType } from '#language/schemas/field-types.ts'
import type { RelationBatch } from '../compile/relation.ts'
import type { Vector } from '../compile/vector.ts'
import { PrefixSums } from './prefix-sums.ts'

/** The argument of aggregates, computed once for all queries of a relation that have it. What it answers is valid until the next batch. */
export class SharedArgument {
  readonly type: FieldType
  readonly #bind: (input: RelationBatch) => Vector
  readonly #sums = new PrefixSums()
  #input: RelationBatch | null = null
  #vector: Vector | null = null
  /** Undefined until they are asked for. */
  #summed: boolean | undefined

  constructor({ type, bind }: { readonly type: FieldType; readonly bind: (input: RelationBatch) => Vector }) {
    this.type = type
    this.#bind = bind
  }

  of(input: RelationBatch): Vector {
    if (this.#input !== input) {
      this.#input = input
      this.#vector = this.#bind(input)
      this.#summed = undefined
    }
    return this.#vector!
  }

  /** Null for a column that has none. */
  prefixSums(input: RelationBatch): PrefixSums | null {
    const vector = this.of(input)
    this.#summed ??= this.#sums.fill(vector, input)
    return this.#summed ? this.#sums : null
  }
}
