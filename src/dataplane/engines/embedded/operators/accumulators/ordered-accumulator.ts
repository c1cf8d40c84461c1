import type { FieldType, Value } from '#language/schemas/field-types.ts'
import { vectorReader } from '../../compile/vector.ts'
import { grown } from '../../grown-array.ts'
import type { StateReader, StateWriter } from '../../state/state-bytes.ts'
import type { Accumulator, AccumulatorInput } from './accumulator.ts'

/** first and last by (event time, partition, offset): `direction` -1 keeps the earliest, 1 the latest. */
export class OrderedAccumulator implements Accumulator {
  readonly #type: FieldType
  readonly #direction: 1 | -1
  readonly #values: Value[] = []
  #eventTimes = new Float64Array(0)
  #partitions = new Int32Array(0)
  #offsets = new Float64Array(0)

  constructor(type: FieldType, direction: 1 | -1) {
    this.#type = type
    this.#direction = direction
  }

  reserve(capacity: number): void {
    while (this.#values.length < capacity) this.#values.push(null)
    this.#eventTimes = grown(this.#eventTimes, capacity)
    this.#partitions = grown(this.#partitions, capacity)
    this.#offsets = grown(this.#offsets, capacity)
  }

  clear(slot: number): void {
    this.#values[slot] = null
  }

  add({ argument, rows, slots, begin, end, eventTimes, partition, offsetOf }: AccumulatorInput): void {
    const read = vectorReader(argument!, this.#type)
    for (let i = begin; i < end; i++) {
      const row = rows[i]!
      const value = read(row)
      if (value !== null) this.#offer(slots[i]!, value, eventTimes[row]!, partition, offsetOf(row))
    }
  }

  addRanges(): boolean {
    return false
  }

  #offer(slot: number, value: Value, eventTime: number, partition: number, offset: number): void {
    const order =
      (this.#values[slot] ?? null) === null
        ? this.#direction
        : eventTime - this.#eventTimes[slot]! || partition - this.#partitions[slot]! || offset - this.#offsets[slot]!
    if (order * this.#direction <= 0) return
    this.#values[slot] = value
    this.#eventTimes[slot] = eventTime
    this.#partitions[slot] = partition
    this.#offsets[slot] = offset
  }

  merge(slot: number, other: OrderedAccumulator, from: number): void {
    const value = other.#values[from] ?? null
    if (value !== null)
      this.#offer(slot, value, other.#eventTimes[from]!, other.#partitions[from]!, other.#offsets[from]!)
  }

  result(slot: number): Value {
    return this.#values[slot] ?? null
  }

  write(slot: number, writer: StateWriter): void {
    writer.value(this.#values[slot] ?? null)
    writer.number(this.#eventTimes[slot]!)
    writer.number(this.#partitions[slot]!)
    writer.number(this.#offsets[slot]!)
  }

  read(slot: number, reader: StateReader): void {
    this.#values[slot] = reader.value()
    this.#eventTimes[slot] = reader.number()
    this.#partitions[slot] = reader.number()
    this.#offsets[slot] = reader.number()
  }
}
