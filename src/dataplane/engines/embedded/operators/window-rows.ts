import { formatTimestamp, valueJson } from '#language/schemas/value-text.ts'
import type { Span } from '#language/windows/window-panes.ts'
import type { WindowAggregateProgram } from '../compile/window-aggregate-program.ts'
import { grown } from '../grown-array.ts'
import type { ResultRow } from '../state/job-store.ts'
import type { Accumulator } from './accumulators/accumulator.ts'
import type { GroupKeys } from './group-keys.ts'
import type { Pane, PaneStore } from './pane-store.ts'

/** A window, and the groups whose rows in it changed. */
interface ChangedWindow {
  readonly window: Span
  readonly groups: Set<number>
}

/** A pane of a window, or the patches for it. */
interface Part {
  readonly pane: Pane
  readonly store: PaneStore
}

/** Makes result rows of the slots of panes and patches, one by one as they are asked for. */
export class WindowRows {
  readonly #program: WindowAggregateProgram
  readonly #groups: GroupKeys
  readonly #panes: PaneStore
  readonly #patches: PaneStore
  readonly #merged: readonly Accumulator[]
  /** What stands before the value of each result field. */
  readonly #fieldTexts: readonly string[]
  /** 1 for the groups of a window that were found; 0 for all between two searches. */
  #marks = new Uint8Array(0)

  constructor(program: WindowAggregateProgram, groups: GroupKeys, panes: PaneStore, patches: PaneStore) {
    this.#program = program
    this.#groups = groups
    this.#panes = panes
    this.#patches = patches
    this.#merged = program.createAccumulators()
    for (const accumulator of this.#merged) accumulator.reserve(1)
    this.#fieldTexts = program.results.map(({ name }, i) => `${i === 0 ? '' : ','}${JSON.stringify(name)}:`)
  }

  /** The rows of every window and group that a slot changed in since the last call. */
  ofChangedSlots(): Iterable<ResultRow> {
    const changed = new Map<number, ChangedWindow>()
    const mark = (window: Span, group: number): void => {
      let entry = changed.get(window.start)
      if (entry === undefined) changed.set(window.start, (entry = { window, groups: new Set() }))
      entry.groups.add(group)
    }
    for (const slot of this.#panes.takeDirtySlots()) {
      for (const window of this.#program.windows.windowsOf(this.#panes.startOf(slot)))
        mark(window, this.#panes.groupOf(slot))
    }
    for (const slot of this.#patches.takeDirtySlots())
      mark(this.#program.windows.windowAt(this.#patches.startOf(slot)), this.#patches.groupOf(slot))
    return this.#rowsOfEach([...changed.values()])
  }

  /** The rows of all groups of some windows. */
  *ofWindows(windows: readonly Span[]): Iterable<ResultRow> {
    for (const window of windows) yield* this.#rowsOf(window, this.#groupsIn(window))
  }

  *#rowsOfEach(changed: readonly ChangedWindow[]): Iterable<ResultRow> {
    for (const { window, groups } of changed) yield* this.#rowsOf(window, groups)
  }

  keysOfWindow(window: Span): string[] {
    return this.#groupsIn(window).map((group) => this.#keyOf(window, group))
  }

  /** Windows with records whose end lies in (after, upTo], by start. */
  windowsEndingIn(afterMs: number, upToMs: number): readonly Span[] {
    const found = new Map<number, Span>()
    if (upToMs <= afterMs) return []
    const consider = (window: Span): void => {
      if (window.end > afterMs && window.end <= upToMs) found.set(window.start, window)
    }
    for (const pane of this.#panes.panesBefore(upToMs)) this.#program.windows.windowsOf(pane.start).forEach(consider)
    for (const patch of this.#patches.panesBefore(upToMs)) consider(this.#program.windows.windowAt(patch.start))
    return [...found.values()].sort((a, b) => a.start - b.start)
  }

  /** The panes of a window that have records, in order, and then its patches. */
  #partsOf(window: Span): readonly Part[] {
    const parts: Part[] = []
    const add = (store: PaneStore, pane: Pane | undefined): void => {
      if (pane !== undefined) parts.push({ pane, store })
    }
    for (const start of this.#program.windows.panesIn(window)) add(this.#panes, this.#panes.find(start))
    add(this.#patches, this.#patches.find(window.start))
    return parts
  }

  #groupsIn(window: Span): readonly number[] {
    const groups: number[] = []
    const marks = (this.#marks = grown(this.#marks, this.#groups.size))
    for (const { pane, store } of this.#partsOf(window)) store.collectGroups(pane, marks, groups)
    for (const group of groups) marks[group] = 0
    return groups
  }

  *#rowsOf(window: Span, groups: Iterable<number>): Iterable<ResultRow> {
    const { timeZone, groupBy } = this.#program
    const times = `{"window":{"start":"${formatTimestamp(window.start, timeZone)}","end":"${formatTimestamp(window.end, timeZone)}"},`
    const parts = this.#partsOf(window)
    for (const group of groups) {
      const results = this.#resultsOf(parts, group)
      yield {
        key: this.#keyOf(window, group),
        windowStart: window.start,
        windowEnd: window.end,
        row: times + (groupBy.length === 0 ? '' : this.#groups.get(group).fields) + results,
      }
    }
  }

  /** The result fields of a group, read from its slot where it has only one, else merged in the order of the parts. */
  #resultsOf(parts: readonly Part[], group: number): string {
    let only: Part | null = null
    let merged = false
    for (const part of parts) {
      const slot = part.pane.slotOf.get(group)
      if (slot < 0) continue
      if (only === null) only = part
      else {
        if (!merged) this.#beginMerge(only, group)
        merged = true
        this.#merge(part.store.accumulators, slot)
      }
    }
    return merged
      ? this.#resultFields(this.#merged, 0)
      : this.#resultFields(only!.store.accumulators, only!.pane.slotOf.get(group))
  }

  #beginMerge({ pane, store }: Part, group: number): void {
    for (const accumulator of this.#merged) accumulator.clear(0)
    this.#merge(store.accumulators, pane.slotOf.get(group))
  }

  #merge(accumulators: readonly Accumulator[], slot: number): void {
    for (let i = 0; i < accumulators.length; i++) this.#merged[i]!.merge(0, accumulators[i]!, slot)
  }

  #resultFields(accumulators: readonly Accumulator[], slot: number): string {
    const context = { accumulators, slot }
    const { results, timeZone } = this.#program
    let text = ''
    for (let i = 0; i < results.length; i++) {
      const { type, evaluate } = results[i]!
      text += this.#fieldTexts[i]! + valueJson(evaluate(context), type, timeZone)
    }
    return `${text}}`
  }

  #keyOf(window: Span, group: number): string {
    return this.#program.groupBy.length === 0 ? String(window.start) : `${window.start}|${this.#groups.get(group).key}`
  }
}
