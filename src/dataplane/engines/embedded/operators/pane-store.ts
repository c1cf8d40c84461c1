import { StateReader as Reader, type StateReader, type StateWriter } from '../state/state-bytes.ts'
import { type Accumulator, grown } from './accumulators/accumulator.ts'
import type { GroupKeys } from './group-keys.ts'
import { MinHeap } from './min-heap.ts'
import { SlotMap } from './slot-map.ts'

/** A stretch of event time whose records are aggregated together, group by group. */
export interface Pane {
  readonly start: number
  readonly slotOf: SlotMap
  readonly pages: number[]
  /** Slots used in the last page. */
  used: number
}

/** A page of slots as it is stored: one row of the state file. */
export interface StoredPage {
  readonly page: number
  readonly paneStart: number
  readonly body: Uint8Array
}

/**
 * The aggregates of all open panes: slots in pages, a page belongs to one pane and is what is written when a slot in it changed. An
 * ungrouped query has pages of one slot.
 */
export class PaneStore {
  readonly accumulators: readonly Accumulator[]
  readonly #groups: GroupKeys
  readonly #pageSlots: number
  readonly #panes = new Map<number, Pane>()
  /** Starts of the panes, and of some that were dropped since. */
  readonly #starts = new MinHeap()
  #groupOfSlot = new Int32Array(0)
  readonly #paneOfPage: (Pane | undefined)[] = []
  readonly #freePages: number[] = []
  readonly #dirtyPages = new Set<number>()
  readonly #droppedPages = new Set<number>()
  readonly #releasedGroups = new Set<number>()
  /** Slots that changed since the last `takeDirtySlots`, when somebody wants to know. */
  readonly #dirtySlots: Set<number> | null

  constructor(
    accumulators: readonly Accumulator[],
    groups: GroupKeys,
    options: { readonly grouped: boolean; readonly trackSlots: boolean },
  ) {
    this.accumulators = accumulators
    this.#groups = groups
    this.#pageSlots = options.grouped ? 16 : 1
    this.#dirtySlots = options.trackSlots ? new Set() : null
  }

  /** The panes that begin before a time, by start. Takes time for these alone, however many others are open. */
  panesBefore(ms: number): readonly Pane[] {
    const found = new Set<Pane>()
    while (this.#starts.least < ms) {
      const pane = this.#panes.get(this.#starts.take())
      if (pane !== undefined) found.add(pane)
    }
    for (const { start } of found) this.#starts.add(start)
    return [...found]
  }

  get empty(): boolean {
    return this.#panes.size === 0
  }

  /** Start of the first pane; Infinity when there is none. */
  get firstStart(): number {
    while (this.#starts.least < Number.POSITIVE_INFINITY && !this.#panes.has(this.#starts.least)) this.#starts.take()
    return this.#starts.least
  }

  find(start: number): Pane | undefined {
    return this.#panes.get(start)
  }

  paneAt(start: number): Pane {
    let pane = this.#panes.get(start)
    if (pane === undefined) {
      this.#panes.set(start, (pane = { start, slotOf: new SlotMap(), pages: [], used: this.#pageSlots }))
      this.#starts.add(start)
    }
    return pane
  }

  /** The slot of a group in a pane, made when it is not there, and marked as changed. */
  touch(pane: Pane, group: number): number {
    let slot = pane.slotOf.get(group)
    if (slot < 0) slot = this.#addSlot(pane, group)
    this.#dirtyPages.add((slot / this.#pageSlots) | 0)
    this.#dirtySlots?.add(slot)
    return slot
  }

  groupOf(slot: number): number {
    return this.#groupOfSlot[slot]!
  }

  startOf(slot: number): number {
    return this.#paneOfPage[(slot / this.#pageSlots) | 0]!.start
  }

  /** The slots of a pane in the order they were made. */
  *slotsOf(pane: Pane): Iterable<number> {
    for (const [i, page] of pane.pages.entries()) {
      const used = i === pane.pages.length - 1 ? pane.used : this.#pageSlots
      for (let k = 0; k < used; k++) yield page * this.#pageSlots + k
    }
  }

  drop(pane: Pane): void {
    for (const slot of this.slotsOf(pane)) {
      this.#groups.release(this.#groupOfSlot[slot]!)
      this.#releasedGroups.add(this.#groupOfSlot[slot]!)
      this.#dirtySlots?.delete(slot)
    }
    for (const page of pane.pages) {
      this.#paneOfPage[page] = undefined
      this.#freePages.push(page)
      this.#dirtyPages.delete(page)
      this.#droppedPages.add(page)
    }
    this.#panes.delete(pane.start)
  }

  takeDirtySlots(): readonly number[] {
    const slots = [...(this.#dirtySlots ?? [])]
    this.#dirtySlots?.clear()
    return slots
  }

  /** Groups that lost a slot since the last call. */
  takeReleasedGroups(): readonly number[] {
    const released = [...this.#releasedGroups]
    this.#releasedGroups.clear()
    return released
  }

  /** What changed since the last call, as it is to be stored. */
  takePages(writer: StateWriter): { readonly written: readonly StoredPage[]; readonly dropped: readonly number[] } {
    const written = [...this.#dirtyPages].map((page) => this.#writePage(page, writer))
    const dropped = [...this.#droppedPages].filter((page) => this.#paneOfPage[page] === undefined)
    this.#dirtyPages.clear()
    this.#droppedPages.clear()
    return { written, dropped }
  }

  restore({ page, paneStart, body }: StoredPage): void {
    const pane = this.paneAt(paneStart)
    const reader = new Reader(body)
    const used = reader.number()
    this.#placePage(page, pane)
    // Pages come in any order: the one that is not full is the last.
    if (used < this.#pageSlots) pane.pages.push(page)
    else pane.pages.splice(-1, 0, page)
    for (let k = 0; k < used; k++) this.#readSlot(page * this.#pageSlots + k, pane, reader)
    pane.used = this.#usedIn(pane, page, used)
  }

  #usedIn(pane: Pane, page: number, used: number): number {
    return pane.pages.at(-1) === page ? used : pane.used
  }

  /** After `restore`: the pages that no pane has are free. */
  restored(): void {
    for (let page = 0; page < this.#paneOfPage.length; page++)
      if (this.#paneOfPage[page] === undefined) this.#freePages.push(page)
  }

  #addSlot(pane: Pane, group: number): number {
    if (pane.used === this.#pageSlots) {
      const page = this.#freePages.pop() ?? this.#paneOfPage.length
      this.#placePage(page, pane)
      pane.pages.push(page)
      pane.used = 0
    }
    const slot = pane.pages.at(-1)! * this.#pageSlots + pane.used++
    for (const accumulator of this.accumulators) accumulator.clear(slot)
    this.#own(slot, pane, group)
    return slot
  }

  #own(slot: number, pane: Pane, group: number): void {
    this.#groupOfSlot[slot] = group
    pane.slotOf.set(group, slot)
    this.#groups.retain(group)
  }

  #placePage(page: number, pane: Pane): void {
    this.#paneOfPage[page] = pane
    const capacity = (page + 1) * this.#pageSlots
    this.#groupOfSlot = grown(this.#groupOfSlot, capacity)
    for (const accumulator of this.accumulators) accumulator.reserve(capacity)
  }

  #writePage(page: number, writer: StateWriter): StoredPage {
    const pane = this.#paneOfPage[page]!
    const used = pane.pages.at(-1) === page ? pane.used : this.#pageSlots
    writer.number(used)
    for (let slot = page * this.#pageSlots; slot < page * this.#pageSlots + used; slot++) {
      writer.number(this.#groupOfSlot[slot]!)
      for (const accumulator of this.accumulators) accumulator.write(slot, writer)
    }
    return { page, paneStart: pane.start, body: writer.take() }
  }

  #readSlot(slot: number, pane: Pane, reader: StateReader): void {
    const group = reader.number()
    for (const accumulator of this.accumulators) accumulator.read(slot, reader)
    this.#own(slot, pane, group)
  }
}
