import { StateReader } from '../../state/state-bytes.ts'
import type { Accumulator } from './accumulator.ts'

/** Reads the aggregates of a group from the bytes that the accumulators of the same query wrote. */
export function readAggregates(body: Uint8Array, accumulators: readonly Accumulator[], slot: number): void {
  const reader = new StateReader(body)
  for (const accumulator of accumulators) accumulator.read(slot, reader)
}
