import { grown } from '../../grown-array.ts'
import type { StateReader, StateWriter } from '../../state/state-bytes.ts'
import type { Accumulator, AccumulatorInput, RangesInput } from './accumulator.ts'

/** count() */
export class CountAccumulator implements Accumulator {
  protected counts = new Float64Array(0)

  reserve(capacity: number): void {
    this.counts = grown(this.counts, capacity)
  }

  clear(slot: number): void {
    this.counts[slot] = 0
  }

  add({ slots, begin, end }: AccumulatorInput): void {
    this.addRows(slots, begin, end)
  }

  addCount(slot: number, count: number): void {
    this.counts[slot]! += count
  }

  addRows(slots: Int32Array, begin: number, end: number): void {
    const counts = this.counts
    for (let i = begin; i < end; i++) counts[slots[i]!]!++
  }

  addRanges({ count, begins, ends, slots }: RangesInput): boolean {
    for (let i = 0; i < count; i++) this.counts[slots[i]!]! += ends[i]! - begins[i]!
    return true
  }

  merge(slot: number, other: CountAccumulator, from: number): void {
    this.counts[slot]! += other.counts[from]!
  }

  result(slot: number): bigint {
    return BigInt(this.counts[slot]!)
  }

  write(slot: number, writer: StateWriter): void {
    writer.number(this.counts[slot]!)
  }

  read(slot: number, reader: StateReader): void {
    this.counts[slot] = reader.number()
  }
}
