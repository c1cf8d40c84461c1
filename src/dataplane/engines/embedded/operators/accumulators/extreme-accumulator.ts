import { compareValues } from '#language/expressions/compare-values.ts'
import type { FieldType, Value } from '#language/schemas/field-types.ts'
import { vectorReader } from '../../compile/vector.ts'
import type { StateReader, StateWriter } from '../../state/state-bytes.ts'
import type { Accumulator, AccumulatorInput } from './accumulator.ts'

/** min and max: keeps the value that `direction` prefers, -1 the least, 1 the greatest. */
export class ExtremeAccumulator implements Accumulator {
  readonly #type: FieldType
  readonly #direction: 1 | -1
  readonly #values: Value[] = []

  constructor(type: FieldType, direction: 1 | -1) {
    this.#type = type
    this.#direction = direction
  }

  reserve(capacity: number): void {
    while (this.#values.length < capacity) this.#values.push(null)
  }

  clear(slot: number): void {
    this.#values[slot] = null
  }

  add({ argument, rows, slots, begin, end }: AccumulatorInput): void {
    const read = vectorReader(argument!, this.#type)
    for (let i = begin; i < end; i++) this.#offer(slots[i]!, read(rows[i]!))
  }

  addRanges(): boolean {
    return false
  }

  #offer(slot: number, value: Value): void {
    if (value === null) return
    const best = this.#values[slot] ?? null
    if (best === null || compareValues(value, best, this.#type) * this.#direction > 0) this.#values[slot] = value
  }

  merge(slot: number, other: ExtremeAccumulator, from: number): void {
    this.#offer(slot, other.#values[from] ?? null)
  }

  result(slot: number): Value {
    return this.#values[slot] ?? null
  }

  write(slot: number, writer: StateWriter): void {
    writer.value(this.#values[slot] ?? null)
  }

  read(slot: number, reader: StateReader): void {
    this.#values[slot] = reader.value()
  }
}
