import type { FieldType, Value } from '#language/schemas/field-types.ts'
import { vectorReader } from '../../compile/vector.ts'
import { grown } from '../../grown-array.ts'
import type { StateReader, StateWriter } from '../../state/state-bytes.ts'
import type { Accumulator, AccumulatorInput } from './accumulator.ts'

/** Sum of doubles with Neumaier's compensation (A. Neumaier, 1974): what each addition rounds away is kept and added at the end. */
export class DoubleSumAccumulator implements Accumulator {
  readonly #argumentType: FieldType
  readonly #finish: (sum: number, count: number) => Value
  #sums = new Float64Array(0)
  #lost = new Float64Array(0)
  #counts = new Float64Array(0)

  constructor(argumentType: FieldType, finish: (sum: number, count: number) => Value) {
    this.#argumentType = argumentType
    this.#finish = finish
  }

  reserve(capacity: number): void {
    this.#sums = grown(this.#sums, capacity)
    this.#lost = grown(this.#lost, capacity)
    this.#counts = grown(this.#counts, capacity)
  }

  clear(slot: number): void {
    this.#sums[slot] = this.#lost[slot] = this.#counts[slot] = 0
  }

  add(input: AccumulatorInput): void {
    const { argument, rows, slots, begin, end } = input
    if (argument!.layout !== 'float64') {
      this.#addValues(input)
      return
    }
    const { values, nulls } = argument!
    const counts = this.#counts
    for (let i = begin; i < end; i++) {
      const row = rows[i]!
      if (nulls !== null && nulls[row] === 1) continue
      counts[slots[i]!]!++
      this.#addNumber(slots[i]!, values[row]!)
    }
  }

  #addValues({ argument, rows, slots, begin, end }: AccumulatorInput): void {
    const read = vectorReader(argument!, this.#argumentType) as (row: number) => number | null
    for (let i = begin; i < end; i++) {
      const value = read(rows[i]!)
      if (value === null) continue
      this.#counts[slots[i]!]!++
      this.#addNumber(slots[i]!, value)
    }
  }

  /** What an addition rounds away depends on the order: there is no way around the rows. */
  addRanges(): boolean {
    return false
  }

  #addNumber(slot: number, value: number): void {
    const sum = this.#sums[slot]!
    const total = sum + value
    this.#lost[slot]! += Math.abs(sum) >= Math.abs(value) ? sum - total + value : value - total + sum
    this.#sums[slot] = total
  }

  merge(slot: number, other: DoubleSumAccumulator, from: number): void {
    this.#counts[slot]! += other.#counts[from]!
    this.#addNumber(slot, other.#sums[from]!)
    this.#lost[slot]! += other.#lost[from]!
  }

  result(slot: number): Value {
    const count = this.#counts[slot]!
    if (count === 0) return null
    const sum = this.#sums[slot]! + this.#lost[slot]!
    return Number.isFinite(sum) ? this.#finish(sum, count) : null
  }

  write(slot: number, writer: StateWriter): void {
    writer.number(this.#sums[slot]!)
    writer.number(this.#lost[slot]!)
    writer.number(this.#counts[slot]!)
  }

  read(slot: number, reader: StateReader): void {
    this.#sums[slot] = reader.number()
    this.#lost[slot] = reader.number()
    this.#counts[slot] = reader.number()
  }
}
