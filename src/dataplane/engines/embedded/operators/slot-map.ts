const NONE = -1
/** Up to so many group numbers, or so many for each that is in use, an array by group number is worth its memory. */
const TABLE_MIN = 256
const TABLE_PER_GROUP = 8

/**
 * Group number to slot. An array by group number where most groups have a slot: one access finds it. Where few have one, open addressing over typed
 * arrays: a few nanoseconds a look-up where a Map takes twenty.
 */
export class SlotMap {
  /** Slot by group number; null when the hash table is in use. */
  #table: Int32Array | null = new Int32Array(0)
  #groups = new Int32Array(0)
  #slots = new Int32Array(0)
  #size = 0
  /** All group numbers that were heard of are below it. */
  #limit = 0

  get(group: number): number {
    if (this.#table !== null) return group < this.#table.length ? this.#table[group]! : NONE
    const mask = this.#groups.length - 1
    for (let i = hash(group) & mask; ; i = (i + 1) & mask) {
      const found = this.#groups[i]!
      if (found === group) return this.#slots[i]!
      if (found === NONE) return NONE
    }
  }

  /** The group must not have a slot yet. */
  set(group: number, slot: number): void {
    this.#size++
    const table = this.table(group + 1)
    if (table !== null) table[group] = slot
    else {
      if (this.#size * 2 > this.#groups.length) this.#rehash(this.#groups.length * 2)
      this.#put(group, slot)
    }
  }

  /** The slots of the groups below `groups` by number, -1 for none; null when that is too long an array for so few. */
  table(groups: number): Int32Array | null {
    const table = this.#table
    if (groups > this.#limit) this.#limit = groups
    if (table !== null && table.length >= groups) return table
    const worth = this.#limit <= TABLE_MIN || this.#limit <= this.#size * TABLE_PER_GROUP
    if (worth) this.#toTable(this.#limit)
    else if (table !== null) this.#toHash(table)
    return this.#table
  }

  #toTable(groups: number): void {
    const longer = new Int32Array(Math.max(16, 2 ** Math.ceil(Math.log2(groups)))).fill(NONE)
    if (this.#table !== null) longer.set(this.#table)
    else
      for (let i = 0; i < this.#groups.length; i++)
        if (this.#groups[i] !== NONE) longer[this.#groups[i]!] = this.#slots[i]!
    this.#table = longer
    this.#groups = this.#slots = new Int32Array(0)
  }

  #toHash(table: Int32Array): void {
    this.#table = null
    this.#rehash(16)
    while (this.#groups.length < this.#size * 2) this.#rehash(this.#groups.length * 2)
    for (let group = 0; group < table.length; group++) if (table[group] !== NONE) this.#put(group, table[group]!)
  }

  #put(group: number, slot: number): void {
    const mask = this.#groups.length - 1
    let i = hash(group) & mask
    while (this.#groups[i] !== NONE) i = (i + 1) & mask
    this.#groups[i] = group
    this.#slots[i] = slot
  }

  #rehash(length: number): void {
    const [groups, slots] = [this.#groups, this.#slots]
    this.#groups = new Int32Array(length).fill(NONE)
    this.#slots = new Int32Array(length)
    for (let i = 0; i < groups.length; i++) if (groups[i] !== NONE) this.#put(groups[i]!, slots[i]!)
  }
}

const hash = (group: number): number => Math.imul(group, 0x9e3779b1) >>> 7
