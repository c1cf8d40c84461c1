import { grown } from '../grown-array.ts'
import type { RowCodes } from '../sharing/key-codes/row-codes.ts'
import { NO_PAGES, type PageChanges } from '../state/job-store.ts'
import { StateReader as Reader, type StateReader, type StateWriter } from '../state/state-bytes.ts'
import type { Accumulator } from './accumulators/accumulator.ts'
import { readAggregates } from './accumulators/read-aggregates.ts'
import type { Group, GroupKeys } from './group-keys.ts'
import { takeMarked } from './marks.ts'
import { OpenPanes, type Pane } from './open-panes.ts'
import type { SpilledPanes } from './spilled-panes.ts'

/** Estimates of what memory holds for a slot apart from its aggregates, for each aggregate of it, and for a pane. */
const SLOT_BYTES = 24
const AGGREGATE_BYTES = 24
const PANE_BYTES = 640

/** Rows by their group keys: `codes` by row, `groupOfCode` by code + 1. */
export interface KeyedRows extends Pick<RowCodes, 'codes'> {
  readonly groupOfCode: Int32Array
  readonly rows: Int32Array
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
  readonly open: OpenPanes
  readonly #groups: GroupKeys
  /** A page has 2 to the power of this slots. */
  readonly #pageBits: number
  #groupOfSlot = new Int32Array(0)
  readonly #paneOfPage: (Pane | undefined)[] = []
  readonly #freePages: number[] = []
  /** 1 for a page that changed since the last `takePages`: a store for each row is cheaper than a set. */
  #dirtyPages = new Uint8Array(0)
  readonly #droppedPages = new Set<number>()
  /** The groups of slots that were dropped since the last `takeReleasedGroups`: one entry for each slot. */
  #releasedGroups: number[] = []
  /** 1 for a slot that changed since the last `takeDirtySlots`; null when nobody wants to know. */
  #dirtySlots: Uint8Array | null
  /** Commits so far. */
  #commits = 0

  constructor(
    accumulators: readonly Accumulator[],
    groups: GroupKeys,
    options: { readonly grouped: boolean; readonly trackSlots: boolean },
    spilled: SpilledPanes | null = null,
  ) {
    this.open = new OpenPanes(spilled)
    this.accumulators = accumulators
    this.#groups = groups
    this.#pageBits = options.grouped ? 4 : 0
    this.#dirtySlots = options.trackSlots ? new Uint8Array(0) : null
  }

  get #pageSlots(): number {
    return 1 << this.#pageBits
  }

  /** An estimate of what memory holds. */
  get bytes(): number {
    const slots = (this.#paneOfPage.length - this.#freePages.length) << this.#pageBits
    return slots * this.#slotBytes + this.open.countInMemory * PANE_BYTES
  }

  get #slotBytes(): number {
    return SLOT_BYTES + this.accumulators.length * AGGREGATE_BYTES
  }

  bytesOf({ pages }: Pane): number {
    return (pages.length << this.#pageBits) * this.#slotBytes + PANE_BYTES
  }

  /** The pane that a record goes to. */
  paneAt(start: number): Pane {
    const pane = this.open.at(start, this.#pageSlots)
    pane.touchedAt = this.#commits
    return pane
  }

  /** The slot of a group in a pane, made when it is not there, and marked as changed. */
  touch(pane: Pane, group: number): number {
    let slot = pane.slotOf.get(group)
    if (slot < 0) slot = this.#addSlot(pane, group)
    this.#dirtyPages[slot >> this.#pageBits] = 1
    if (this.#dirtySlots !== null) this.#dirtySlots[slot] = 1
    return slot
  }

  /**
   * Gives each row of a pane the slot of its group, as `touch` does, for i from `begin` on: slots[i] is that of row rows[i]. Answers the first i
   * whose group has no slot yet, or `end`.
   */
  touchKnown(
    pane: Pane,
    { codes, groupOfCode, rows }: KeyedRows,
    begin: number,
    end: number,
    slots: Int32Array,
  ): number {
    const table = pane.slotOf.table(this.#groups.size)
    const [dirtyPages, pageBits] = [this.#dirtyPages, this.#pageBits]
    let i = begin
    for (; i < end; i++) {
      const group = groupOfCode[codes[rows[i]!]! + 1]!
      if (group < 0) break
      const slot = table === null ? pane.slotOf.get(group) : table[group]!
      if (slot < 0) break
      slots[i] = slot
      dirtyPages[slot >> pageBits] = 1
    }
    if (this.#dirtySlots !== null) for (let k = begin; k < i; k++) this.#dirtySlots[slots[k]!] = 1
    return i
  }

  groupOf(slot: number): number {
    return this.#groupOfSlot[slot]!
  }

  startOf(slot: number): number {
    return this.#paneOfPage[slot >> this.#pageBits]!.start
  }

  /** Adds the groups of a pane that are not marked yet, in the order in which they got their slots, and marks them. */
  collectGroups(pane: Pane, marks: Uint8Array, groups: number[]): void {
    for (const slot of this.#slotsOf(pane)) {
      const group = this.#groupOfSlot[slot]!
      if (marks[group] === 1) continue
      marks[group] = 1
      groups.push(group)
    }
  }

  #usedIn(pane: Pane, page: number): number {
    return pane.pages.at(-1) === page ? pane.used : this.#pageSlots
  }

  /** What the disk holds of a group in a pane that is there in part; to be asked only where memory holds nothing of it. */
  findSpilled(paneStart: number, group: number): Uint8Array | undefined {
    return this.open.spilled!.find(paneStart, this.#groups.get(group).key)
  }

  /** Writes the groups of a pane to the disk, in the order in which they lie there, and drops it from memory. Belongs to a commit. */
  spill(pane: Pane, writer: StateWriter): void {
    const groupOf = (slot: number): Group => this.#groups.get(this.#groupOfSlot[slot]!)
    const slots = this.#slotsOf(pane).sort((a, b) => (groupOf(a).key < groupOf(b).key ? -1 : 1))
    for (const slot of slots) {
      for (const accumulator of this.accumulators) accumulator.write(slot, writer)
      const { key, fields } = groupOf(slot)
      this.open.spilled!.put(pane.start, { key, fields, body: writer.take() })
    }
    this.drop(pane)
  }

  /** In the order in which they were made. */
  #slotsOf(pane: Pane): number[] {
    const slots: number[] = []
    for (const page of pane.pages) {
      const first = page << this.#pageBits
      const end = first + this.#usedIn(pane, page)
      for (let slot = first; slot < end; slot++) slots.push(slot)
    }
    return slots
  }

  /** Drops the panes that begin before a time and are closed, in memory and on the disk, where they are the first ones. */
  dropWhere(beforeMs: number, closed: (start: number) => boolean): void {
    for (const pane of this.open.before(beforeMs)) if (closed(pane.start)) this.drop(pane)
    this.open.spilled?.dropWhile(closed)
  }

  drop(pane: Pane): void {
    for (const page of pane.pages) {
      const first = page << this.#pageBits
      const end = first + this.#usedIn(pane, page)
      for (let slot = first; slot < end; slot++) this.#releasedGroups.push(this.#groupOfSlot[slot]!)
      this.#dirtySlots?.fill(0, first, end)
      this.#paneOfPage[page] = undefined
      this.#freePages.push(page)
      this.#dirtyPages[page] = 0
      this.#droppedPages.add(page)
    }
    this.open.drop(pane)
  }

  takeDirtySlots(): readonly number[] {
    return this.#dirtySlots === null ? [] : takeMarked(this.#dirtySlots)
  }

  /** Groups that lost a slot since the last call. */
  takeReleasedGroups(): readonly number[] {
    const released = this.#releasedGroups
    this.#releasedGroups = []
    for (const group of released) this.#groups.release(group)
    return released
  }

  /** What changed since the last call, as it is to be stored. */
  takePages(writer: StateWriter): PageChanges {
    this.#commits++
    const written = this.#writePages(takeMarked(this.#dirtyPages), writer)
    const dropped = [...this.#droppedPages].filter((page) => this.#paneOfPage[page] === undefined)
    this.#droppedPages.clear()
    return { written, dropped }
  }

  /** In the place of `takePages` where nothing is stored. */
  skipPages(): PageChanges {
    this.#commits++
    this.#droppedPages.clear()
    return NO_PAGES
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
    if (pane.pages.at(-1) === page) pane.used = used
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
    const known = pane.spilled ? this.findSpilled(pane.start, group) : undefined
    if (known !== undefined) readAggregates(known, this.accumulators, slot)
    else for (const accumulator of this.accumulators) accumulator.clear(slot)
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
    this.#dirtyPages = grown(this.#dirtyPages, page + 1)
    if (this.#dirtySlots !== null) this.#dirtySlots = grown(this.#dirtySlots, capacity)
    for (const accumulator of this.accumulators) accumulator.reserve(capacity)
  }

  /** The bodies are parts of one piece of memory: one for each page would keep the garbage collector busy. */
  #writePages(pages: readonly number[], writer: StateWriter): readonly StoredPage[] {
    const ends = pages.map((page) => {
      this.#writePage(page, writer)
      return writer.length
    })
    const bytes = writer.take()
    return pages.map((page, i) => {
      const body = bytes.subarray(ends[i - 1] ?? 0, ends[i])
      return { page, paneStart: this.#paneOfPage[page]!.start, body }
    })
  }

  #writePage(page: number, writer: StateWriter): void {
    const used = this.#usedIn(this.#paneOfPage[page]!, page)
    writer.number(used)
    for (let slot = page * this.#pageSlots; slot < page * this.#pageSlots + used; slot++) {
      writer.number(this.#groupOfSlot[slot]!)
      for (const accumulator of this.accumulators) accumulator.write(slot, writer)
    }
  }

  #readSlot(slot: number, pane: Pane, reader: StateReader): void {
    const group = reader.number()
    for (const accumulator of this.accumulators) accumulator.read(slot, reader)
    this.#own(slot, pane, group)
  }
}
