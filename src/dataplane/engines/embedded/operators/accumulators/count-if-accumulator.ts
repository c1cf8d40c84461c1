import { vectorReader } from '../../compile/vector.ts'
import type { AccumulatorInput } from './accumulator.ts'
import { CountAccumulator } from './count-accumulator.ts'

/** countIf(condition) */
export class CountIfAccumulator extends CountAccumulator {
  override add({ argument, rows, slots, begin, end }: AccumulatorInput): void {
    if (argument!.layout === 'boolean' && argument!.nulls === null) {
      const { values } = argument!
      for (let i = begin; i < end; i++) this.counts[slots[i]!]! += values[rows[i]!]!
      return
    }
    const holds = vectorReader(argument!, { kind: 'boolean' })
    for (let i = begin; i < end; i++) if (holds(rows[i]!) === true) this.counts[slots[i]!]!++
  }

  override addRanges(): boolean {
    return false
  }
}
