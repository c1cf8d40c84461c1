import type { Span, WindowPanes } from '#language/windows/window-panes.ts'
import type { RelationBatch } from '../compile/relation.ts'

/**
 * Ranges of rows of a relation, each in one pane: range i is [begins[i], ends[i]) in the relation's row list, and its pane begins at
 * `paneStarts[panes[i]]`. The first `count` elements count.
 */
export interface RowRanges {
  readonly count: number
  readonly begins: Int32Array
  readonly ends: Int32Array
  readonly panes: Int32Array
  /** The distinct panes, in the order of their first row. */
  readonly paneStarts: readonly number[]
}

const NO_ROWS = new Int32Array(0)

/**
 * The panes of the rows of a batch, as runs of rows in one pane: event time mostly ascends, so most of a batch is in few runs. Found once for all
 * queries of a relation that have these panes.
 */
export class PaneRuns implements RowRanges {
  readonly #panesOf: WindowPanes
  /** Runs of shorter panes over the same rows, from which these follow without a look at the rows. */
  finer: PaneRuns | null = null
  count = 0
  begins = NO_ROWS
  ends = NO_ROWS
  panes = NO_ROWS
  paneStarts: number[] = []
  #paneEnds: number[] = []
  readonly #indexOfStart = new Map<number, number>()
  #input: RelationBatch | null = null

  constructor(panesOf: WindowPanes) {
    this.#panesOf = panesOf
  }

  /** Length of a pane, ms; of calendar panes that of one of them. */
  get paneMs(): number {
    const { start, end } = this.#panesOf.paneOf(0)
    return end - start
  }

  /** The runs of a batch; valid until those of the next one are asked for. */
  of(input: RelationBatch): RowRanges {
    if (this.#input === input) return this
    this.#begin(input)
    if (this.finer === null) this.#scan(input, 0, input.length)
    else this.#follow(this.finer, input)
    if (this.count > 0) this.ends[this.count - 1] = input.length
    return this
  }

  #begin(input: RelationBatch): void {
    this.#input = input
    if (this.begins.length < input.length) {
      this.begins = new Int32Array(input.length)
      this.ends = new Int32Array(input.length)
      this.panes = new Int32Array(input.length)
    }
    this.count = 0
    this.paneStarts.length = 0
    this.#paneEnds.length = 0
    this.#indexOfStart.clear()
  }

  #scan({ batch: { eventTimes }, rows }: RelationBatch, begin: number, end: number): void {
    let [start, stop] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    for (let i = begin; i < end; i++) {
      const eventTime = eventTimes[rows[i]!]!
      if (eventTime >= start && eventTime < stop) continue
      const span = this.#panesOf.paneOf(eventTime)
      start = span.start
      stop = span.end
      this.#append(i, span)
    }
  }

  #follow(finer: PaneRuns, input: RelationBatch): void {
    finer.of(input)
    let span: Span = { start: Number.POSITIVE_INFINITY, end: Number.NEGATIVE_INFINITY }
    for (let run = 0; run < finer.count; run++) {
      const start = finer.paneStarts[finer.panes[run]!]!
      const end = finer.#paneEnds[finer.panes[run]!]!
      if (start < span.start || end > span.end) span = this.#panesOf.paneOf(start)
      if (end <= span.end) this.#append(finer.begins[run]!, span)
      else this.#scan(input, finer.begins[run]!, finer.ends[run]!)
    }
  }

  /** A run begins, unless the one before is in the same pane. */
  #append(begin: number, { start, end }: Span): void {
    const { count, panes, paneStarts } = this
    if (count > 0 && paneStarts[panes[count - 1]!] === start) return
    let pane = count > 1 && paneStarts[panes[count - 2]!] === start ? panes[count - 2]! : this.#indexOfStart.get(start)
    if (pane === undefined) {
      pane = paneStarts.push(start) - 1
      this.#paneEnds.push(end)
      this.#indexOfStart.set(start, pane)
    }
    if (count > 0) this.ends[count - 1] = begin
    this.begins[count] = begin
    panes[count] = pane
    this.count = count + 1
  }
}
