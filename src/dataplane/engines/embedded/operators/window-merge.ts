import type { SpilledGroup } from '../state/spilled-state.ts'
import type { Accumulator } from './accumulators/accumulator.ts'
import { readAggregates } from './accumulators/read-aggregates.ts'
import type { Pane } from './open-panes.ts'
import type { PaneStore } from './pane-store.ts'

/** A pane of a window, or the patches for it. */
export interface WindowPart {
  readonly start: number
  readonly store: PaneStore
  /** What memory holds of it. */
  readonly pane: Pane | undefined
  /** Whether the disk holds something of it. */
  readonly spilled: boolean
}

/** Where the aggregates of a group in a window stand. */
export interface Aggregates {
  readonly accumulators: readonly Accumulator[]
  readonly slot: number
}

/** Brings together what the parts of a window hold of one group, in their order. What only one part holds is taken as it stands there. */
export class WindowMerge {
  readonly #merged: Aggregates
  /** What was read from the disk. */
  readonly #read: Aggregates
  #only: Aggregates | null = null
  #count = 0

  constructor(createAccumulators: () => readonly Accumulator[]) {
    this.#merged = oneSlot(createAccumulators())
    this.#read = oneSlot(createAccumulators())
  }

  /** What memory or, where it holds nothing, the disk has of a group. Valid until the next call. At least one part must have it. */
  ofGroup(parts: readonly WindowPart[], group: number): Aggregates {
    this.#begin()
    for (const { start, store, pane, spilled } of parts) {
      const slot = pane?.slotOf.get(group) ?? -1
      if (slot >= 0) this.#add({ accumulators: store.accumulators, slot })
      else if (spilled) {
        const body = store.findSpilled(start, group)
        if (body !== undefined) this.#addBody(body)
      }
    }
    return this.#result
  }

  /** What was read of one group, part by part. Valid until the next call. */
  ofSpilled(groups: readonly SpilledGroup[]): Aggregates {
    this.#begin()
    for (const { body } of groups) this.#addBody(body)
    return this.#result
  }

  #begin(): void {
    this.#only = null
    this.#count = 0
  }

  #addBody(body: Uint8Array): void {
    this.#mergeOnly()
    readAggregates(body, this.#read.accumulators, this.#read.slot)
    this.#add(this.#read)
  }

  #add(part: Aggregates): void {
    this.#mergeOnly()
    if (this.#count++ === 0) this.#only = part
    else this.#merge(part)
  }

  /** The first part is merged when there is a second one, and before the place it was read into is used again. */
  #mergeOnly(): void {
    if (this.#only === null) return
    for (const accumulator of this.#merged.accumulators) accumulator.clear(this.#merged.slot)
    this.#merge(this.#only)
    this.#only = null
  }

  #merge({ accumulators, slot }: Aggregates): void {
    const { accumulators: merged, slot: into } = this.#merged
    for (let i = 0; i < accumulators.length; i++) merged[i]!.merge(into, accumulators[i]!, slot)
  }

  get #result(): Aggregates {
    return this.#only ?? this.#merged
  }
}

function oneSlot(accumulators: readonly Accumulator[]): Aggregates {
  for (const accumulator of accumulators) accumulator.reserve(1)
  return { accumulators, slot: 0 }
}
