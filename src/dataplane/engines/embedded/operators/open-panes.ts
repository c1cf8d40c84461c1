import { mergedNumbers } from './merged-numbers.ts'
import { MinHeap } from './min-heap.ts'
import { SlotMap } from './slot-map.ts'
import type { SpilledPanes } from './spilled-panes.ts'

/** A stretch of event time whose records are aggregated together, group by group: what memory holds of it. */
export interface Pane {
  readonly start: number
  readonly slotOf: SlotMap
  readonly pages: number[]
  /** Slots used in the last page. */
  used: number
  /** Whether groups of it lie on the disk. */
  readonly spilled: boolean
  /** How many commits there were when a record last asked for it. */
  touchedAt: number
}

/** The panes of a pane store by start, in memory and on the disk. */
export class OpenPanes {
  readonly #inMemory = new Map<number, Pane>()
  /** Starts of the panes in memory, and of some that were dropped since. */
  readonly #starts = new MinHeap()
  /** Null where everything has to fit into memory. */
  readonly spilled: SpilledPanes | null

  constructor(spilled: SpilledPanes | null) {
    this.spilled = spilled
  }

  /** Those in memory. */
  get inMemory(): Iterable<Pane> {
    return this.#inMemory.values()
  }

  get countInMemory(): number {
    return this.#inMemory.size
  }

  /** The pane, if memory holds something of it. */
  find(start: number): Pane | undefined {
    return this.#inMemory.get(start)
  }

  /** The pane in memory, made when it is not there. `used` as for a pane without pages. */
  at(start: number, used: number): Pane {
    let pane = this.#inMemory.get(start)
    if (pane === undefined) {
      pane = { start, slotOf: new SlotMap(), pages: [], used, spilled: this.spilled?.has(start) ?? false, touchedAt: 0 }
      this.#inMemory.set(start, pane)
      this.#starts.add(start)
    }
    return pane
  }

  /** Drops a pane from memory. */
  drop({ start }: Pane): void {
    this.#inMemory.delete(start)
  }

  /** The panes in memory that begin before a time, by start. Takes time for these alone, however many others are open. */
  before(ms: number): readonly Pane[] {
    const found = new Set<Pane>()
    while (this.#starts.least < ms) {
      const pane = this.#inMemory.get(this.#starts.take())
      if (pane !== undefined) found.add(pane)
    }
    for (const { start } of found) this.#starts.add(start)
    return [...found]
  }

  /** The starts before a time of all panes, ascending. */
  startsBefore(ms: number): Iterable<number> {
    const inMemory = this.before(ms).map(({ start }) => start)
    return this.spilled === null
      ? inMemory
      : mergedNumbers(inMemory, this.spilled.startsIn(Number.NEGATIVE_INFINITY, ms))
  }

  /** Start of the first pane; Infinity when there is none. */
  get firstStart(): number {
    while (this.#starts.least < Number.POSITIVE_INFINITY && !this.#inMemory.has(this.#starts.least)) this.#starts.take()
    return Math.min(this.#starts.least, this.spilled?.firstStart ?? Number.POSITIVE_INFINITY)
  }
}
