import { keepHeapSmall } from '#foundation/size/small-heap.ts'
import type { SpilledState } from '../state/spilled-state.ts'

/** Where state goes that memory has no room for. */
export interface StateOverflow {
  readonly budget: StateBudget
  readonly state: SpilledState
}

/** What a query holds in memory. */
export interface StateHolder {
  /** An estimate. */
  readonly stateBytes: number
}

/**
 * Memory for the state of all queries of a job. As long as they fit together, nobody lets go of anything. When they do not, those that hold more than an equal
 * share do, so that one query with many groups does not push out those of the others.
 */
export class StateBudget {
  readonly limitBytes: number
  readonly #holders: StateHolder[] = []

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes
  }

  join(holder: StateHolder): void {
    this.#holders.push(holder)
  }

  /**
   * How much a query is to let go of, in bytes of its own estimate; 0 as long as there is room. More than is necessary now: until all fit into half of the budget, or
   * the query into half of its share, so that spilling pays for its lookups.
   */
  excessOf(holder: StateHolder): number {
    const total = this.#holders.reduce((sum, { stateBytes }) => sum + stateBytes, 0)
    if (total > this.limitBytes / 4) keepHeapSmall()
    const share = this.limitBytes / this.#holders.length
    const { stateBytes } = holder
    if (total <= this.limitBytes || stateBytes <= share) return 0
    return Math.min(total - this.limitBytes / 2, stateBytes - share / 2)
  }
}
