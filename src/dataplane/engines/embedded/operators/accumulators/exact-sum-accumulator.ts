import type { FieldType, Value } from '#language/schemas/field-types.ts'
import { vectorReader } from '../../compile/vector.ts'
import { grown } from '../../grown-array.ts'
import type { StateReader, StateWriter } from '../../state/state-bytes.ts'
import type { Accumulator, AccumulatorInput, RangesInput } from './accumulator.ts'

/** Low limb: below 2^50 in magnitude after a carry, so that it and one more value below 2^51 add up exactly in a double. */
const LIMB = 2 ** 50
const LIMB_BITS = 50n
const LIMB_MASK = (1n << LIMB_BITS) - 1n
const SMALL = 2 ** 51

/**
 * Sum of whole numbers (int, long, unscaled decimals), exact: high * 2^50 + low, both whole doubles. Overflow would take more than 10^10
 * values of the largest size. `finish` makes sum or avg of (sum, count of values).
 */
export class ExactSumAccumulator implements Accumulator {
  readonly #argumentType: FieldType
  readonly #finish: (sum: bigint, count: number) => Value
  #low = new Float64Array(0)
  #high = new Float64Array(0)
  #counts = new Float64Array(0)

  constructor(argumentType: FieldType, finish: (sum: bigint, count: number) => Value) {
    this.#argumentType = argumentType
    this.#finish = finish
  }

  reserve(capacity: number): void {
    this.#low = grown(this.#low, capacity)
    this.#high = grown(this.#high, capacity)
    this.#counts = grown(this.#counts, capacity)
  }

  clear(slot: number): void {
    this.#low[slot] = this.#high[slot] = this.#counts[slot] = 0
  }

  add(input: AccumulatorInput): void {
    const { argument, rows, slots, begin, end } = input
    if (argument!.layout !== 'float64' && argument!.layout !== 'int32') {
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

  addRanges({ count, begins, ends, slots, prefixSums }: RangesInput): boolean {
    const prefix = prefixSums()
    if (prefix === null) return false
    const { sums, nulls } = prefix
    for (let i = 0; i < count; i++) {
      const begin = begins[i]!
      const end = ends[i]!
      const nullRows = nulls === null ? 0 : nulls[end]! - nulls[begin]!
      this.#counts[slots[i]!]! += end - begin - nullRows
      this.#addNumber(slots[i]!, sums[end]! - sums[begin]!)
    }
    return true
  }

  #addNumber(slot: number, value: number): void {
    if (value >= SMALL || value <= -SMALL) {
      this.#addWide(slot, BigInt(value))
      return
    }
    const low = this.#low[slot]! + value
    if (low < LIMB && low > -LIMB) this.#low[slot] = low
    else this.#carry(slot, low)
  }

  #carry(slot: number, low: number): void {
    const limbs = Math.trunc(low / LIMB)
    this.#high[slot]! += limbs
    this.#low[slot] = low - limbs * LIMB
  }

  #addWide(slot: number, value: bigint): void {
    this.#high[slot]! += Number(value >> LIMB_BITS)
    this.#carry(slot, this.#low[slot]! + Number(value & LIMB_MASK))
  }

  #addValues({ argument, rows, slots, begin, end }: AccumulatorInput): void {
    const read = vectorReader(argument!, this.#argumentType)
    for (let i = begin; i < end; i++) {
      const value = read(rows[i]!)
      if (value === null) continue
      this.#counts[slots[i]!]!++
      this.#addWide(slots[i]!, BigInt(value as number | bigint))
    }
  }

  merge(slot: number, other: ExactSumAccumulator, from: number): void {
    this.#counts[slot]! += other.#counts[from]!
    this.#high[slot]! += other.#high[from]!
    this.#carry(slot, this.#low[slot]! + other.#low[from]!)
  }

  result(slot: number): Value {
    const count = this.#counts[slot]!
    if (count === 0) return null
    return this.#finish((BigInt(this.#high[slot]!) << LIMB_BITS) + BigInt(this.#low[slot]!), count)
  }

  write(slot: number, writer: StateWriter): void {
    writer.number(this.#low[slot]!)
    writer.number(this.#high[slot]!)
    writer.number(this.#counts[slot]!)
  }

  read(slot: number, reader: StateReader): void {
    this.#low[slot] = reader.number()
    this.#high[slot] = reader.number()
    this.#counts[slot] = reader.number()
  }
}
