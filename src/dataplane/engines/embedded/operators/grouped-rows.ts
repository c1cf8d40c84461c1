import type { RelationBatch } from '../compile/relation.ts'
import { grown } from '../grown-array.ts'
import type { KeyCodes } from '../sharing/key-codes/key-codes.ts'
import type { RowCodes } from '../sharing/key-codes/row-codes.ts'
import type { RowRanges } from '../sharing/pane-runs.ts'
import type { CountAccumulator } from './accumulators/count-accumulator.ts'
import type { GroupKeys } from './group-keys.ts'
import type { Pane } from './open-panes.ts'
import type { KeyedRows, PaneStore } from './pane-store.ts'

/** So many rows for each code, and counting rows by code first is worth a look at all codes. */
const ROWS_PER_CODE = 2

/** Brings the rows of a batch to the slots of their groups. */
export class GroupedRows {
  readonly #groups: GroupKeys
  readonly #panes: PaneStore
  #counts = new Int32Array(0)
  /** The slot of each row by its place in the row list, as far as `touch` was called for it. */
  slots = new Int32Array(0)

  constructor(groups: GroupKeys, panes: PaneStore) {
    this.#groups = groups
    this.#panes = panes
  }

  /** Finds the slots of the rows of all ranges. */
  touch(keyCodes: KeyCodes, input: RelationBatch, ranges: RowRanges, paneAt: (range: number) => Pane): void {
    const keyed = this.#begin(keyCodes, input)
    for (let range = 0; range < ranges.count; range++)
      this.#touchRange(paneAt(range), keyed, ranges.begins[range]!, ranges.ends[range]!)
  }

  /**
   * Counts the rows of all ranges, for a query that does nothing else. Most rows of a batch are in one pane: they are counted by code, and each
   * code's group is looked up once.
   */
  count(
    keyCodes: KeyCodes,
    input: RelationBatch,
    ranges: RowRanges,
    paneAt: (range: number) => Pane,
    accumulator: CountAccumulator,
  ): void {
    const keyed = this.#begin(keyCodes, input)
    const widest = widestRun(ranges)
    const byCode = widest.rows > ROWS_PER_CODE * keyed.codes.size
    if (byCode) this.#counts = grown(this.#counts, keyed.codes.size + 1).fill(0)
    for (let range = 0; range < ranges.count; range++) {
      const [begin, end] = [ranges.begins[range]!, ranges.ends[range]!]
      if (byCode && ranges.panes[range] === widest.pane) countByCode(keyed, begin, end, this.#counts)
      else {
        this.#touchRange(paneAt(range), keyed, begin, end)
        accumulator.addRows(this.slots, begin, end)
      }
    }
    if (byCode) this.#addCounts(paneAt(widest.range), keyed, accumulator)
  }

  #begin(keyCodes: KeyCodes, input: RelationBatch): Keyed {
    this.slots = grown(this.slots, input.length)
    const codes = keyCodes.of(input)
    return { input, codes, rows: { codes: codes.codes, groupOfCode: this.#groups.byCode(codes), rows: input.rows } }
  }

  #touchRange(pane: Pane, { input, codes, rows }: Keyed, begin: number, end: number): void {
    for (let i = begin; i < end; ) {
      i = this.#panes.touchKnown(pane, rows, i, end, this.slots)
      if (i < end) this.#panes.touch(pane, this.#groups.groupOf(input, codes, input.rows[i]!))
    }
  }

  #addCounts(pane: Pane, { input, codes }: Keyed, accumulator: CountAccumulator): void {
    for (let place = 0; place <= codes.size; place++) {
      const count = this.#counts[place]!
      if (count === 0) continue
      const group =
        this.#groups.knownAt(place) ?? this.#groups.groupOf(input, codes, rowOfCode(place - 1, codes, input))
      accumulator.addCount(this.#panes.touch(pane, group), count)
    }
  }
}

interface Keyed {
  readonly input: RelationBatch
  readonly codes: RowCodes
  readonly rows: KeyedRows
}

/** The pane with the most rows, one of its ranges, and how many rows it has. */
function widestRun({ count, begins, ends, panes, paneStarts }: RowRanges): {
  pane: number
  range: number
  rows: number
} {
  const rowsOfPane = new Array<number>(paneStarts.length).fill(0)
  let widest = { pane: -1, range: -1, rows: 0 }
  for (let range = 0; range < count; range++) {
    const pane = panes[range]!
    const rows = (rowsOfPane[pane]! += ends[range]! - begins[range]!)
    if (rows > widest.rows) widest = { pane, range, rows }
  }
  return widest
}

/** Counts rows by code + 1. */
function countByCode({ rows: { codes, rows } }: Keyed, begin: number, end: number, counts: Int32Array): void {
  for (let i = begin; i < end; i++) counts[codes[rows[i]!]! + 1]!++
}

/** Some row of the relation that has a code. */
function rowOfCode(code: number, { codes }: RowCodes, { rows }: RelationBatch): number {
  let i = 0
  while (codes[rows[i]!] !== code) i++
  return rows[i]!
}
