import { compareValues } from '#language/expressions/compare-values.ts'
import type { FieldType, Value } from '#language/schemas/field-types.ts'
import { vectorReader } from '../../compile/vector.ts'
import { grown } from '../../grown-array.ts'
import type { StateReader, StateWriter } from '../../state/state-bytes.ts'
import type { Accumulator, AccumulatorInput } from './accumulator.ts'

/** What a slot holds: nothing, a number of `#numbers`, or a value of `#values`. */
const NOTHING = 0
const NUMBER = 1
const VALUE = 2

/**
 * min and max: keeps the value that `direction` prefers, -1 the least, 1 the greatest. Numbers that are exact as doubles are kept as such, longs and
 * decimals too; texts, and whole numbers beyond 2^53, as values.
 */
export class ExtremeAccumulator implements Accumulator {
  readonly #type: FieldType
  readonly #direction: 1 | -1
  #kinds = new Uint8Array(0)
  #numbers = new Float64Array(0)
  readonly #values: Value[] = []

  constructor(type: FieldType, direction: 1 | -1) {
    this.#type = type
    this.#direction = direction
  }

  reserve(capacity: number): void {
    this.#kinds = grown(this.#kinds, capacity)
    this.#numbers = grown(this.#numbers, capacity)
  }

  clear(slot: number): void {
    this.#kinds[slot] = NOTHING
  }

  add(input: AccumulatorInput): void {
    const { argument, rows, slots, begin, end } = input
    if (argument!.layout === 'float64' || argument!.layout === 'int32') {
      const { values, nulls } = argument!
      for (let i = begin; i < end; i++) {
        const row = rows[i]!
        if (nulls === null || nulls[row] === 0) this.#offerNumber(slots[i]!, values[row]!)
      }
      return
    }
    const read = vectorReader(argument!, this.#type)
    for (let i = begin; i < end; i++) this.#offer(slots[i]!, read(rows[i]!))
  }

  addRanges(): boolean {
    return false
  }

  #offerNumber(slot: number, number: number): void {
    if (this.#kinds[slot] === NUMBER) {
      const best = this.#numbers[slot]!
      if (this.#direction === 1 ? number > best : number < best) this.#numbers[slot] = number
    } else if (this.#kinds[slot] === NOTHING) {
      this.#kinds[slot] = NUMBER
      this.#numbers[slot] = number
    } else this.#offer(slot, this.#valueOf(number))
  }

  #offer(slot: number, value: Value): void {
    if (value === null) return
    const best = this.result(slot)
    if (best !== null && compareValues(value, best, this.#type) * this.#direction <= 0) return
    this.#kinds[slot] = VALUE
    this.#values[slot] = value
  }

  merge(slot: number, other: ExtremeAccumulator, from: number): void {
    if (other.#kinds[from] === NUMBER) this.#offerNumber(slot, other.#numbers[from]!)
    else this.#offer(slot, other.result(from))
  }

  result(slot: number): Value {
    switch (this.#kinds[slot]) {
      case NUMBER:
        return this.#valueOf(this.#numbers[slot]!)
      case VALUE:
        return this.#values[slot]!
      default:
        return null
    }
  }

  /** A number in the representation of the type. */
  #valueOf(number: number): Value {
    return this.#type.kind === 'long' || this.#type.kind === 'decimal' ? BigInt(number) : number
  }

  write(slot: number, writer: StateWriter): void {
    writer.value(this.result(slot))
  }

  read(slot: number, reader: StateReader): void {
    const value = reader.value()
    const exact = typeof value === 'number' || (typeof value === 'bigint' && Number.isSafeInteger(Number(value)))
    this.#kinds[slot] = value === null ? NOTHING : exact ? NUMBER : VALUE
    if (exact) this.#numbers[slot] = Number(value)
    else this.#values[slot] = value
  }
}
