import type { RelationBatch } from '../relation.ts'

/** Numbers by row; the value of a null row is 0. `nulls` is null when no row is null. Valid until the next batch. */
export interface NumberLane {
  readonly values: Float64Array
  readonly nulls: Uint8Array | null
}

/** By row: FALSE, TRUE or UNKNOWN, SQL's null of booleans. Valid until the next batch. */
export type TruthLane = Uint8Array

export const FALSE = 0
export const TRUE = 1
export const UNKNOWN = 2

/** Computes a lane for all rows of a batch, in the relation or not; null when this batch is not for lanes. */
export type LaneProgram<Lane> = (input: RelationBatch) => Lane | null

/** Memory of a lane, kept from batch to batch. */
export class LaneMemory<A extends Float64Array | Uint8Array> {
  #array: A
  readonly #make: (length: number) => A

  constructor(make: (length: number) => A) {
    this.#make = make
    this.#array = make(0)
  }

  of(rows: number): A {
    if (this.#array.length < rows) this.#array = this.#make(rows)
    return this.#array
  }
}

export const numberMemory = (): LaneMemory<Float64Array> => new LaneMemory((length) => new Float64Array(length))
export const byteMemory = (): LaneMemory<Uint8Array> => new LaneMemory((length) => new Uint8Array(length))
