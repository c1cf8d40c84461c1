import { formatTimestamp, valueJson } from '#language/schemas/value-text.ts'
import type { Span } from '#language/windows/window-panes.ts'
import type { WindowAggregateProgram } from '../compile/window-aggregate-program.ts'
import type { ResultRow } from '../state/job-store.ts'
import type { Accumulator } from './accumulators/accumulator.ts'
import type { GroupKeys } from './group-keys.ts'
import type { PaneStore } from './pane-store.ts'

/** Makes result rows of the slots of panes and patches. */
export class WindowRows {
  readonly #program: WindowAggregateProgram
  readonly #groups: GroupKeys
  readonly #panes: PaneStore
  readonly #patches: PaneStore
  readonly #merged: readonly Accumulator[]

  constructor(program: WindowAggregateProgram, groups: GroupKeys, panes: PaneStore, patches: PaneStore) {
    this.#program = program
    this.#groups = groups
    this.#panes = panes
    this.#patches = patches
    this.#merged = program.createAccumulators()
    for (const accumulator of this.#merged) accumulator.reserve(1)
  }

  /** The rows of every window and group that a slot changed in since the last call. */
  ofChangedSlots(): ResultRow[] {
    const changed = new Map<number, { window: Span; groups: Set<number> }>()
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
    return [...changed.values()].flatMap(({ window, groups }) => this.#rowsOf(window, groups))
  }

  /** The rows of all groups of a window. */
  ofWindow(window: Span): ResultRow[] {
    return this.#rowsOf(window, this.#groupsIn(window))
  }

  keysOfWindow(window: Span): string[] {
    return [...this.#groupsIn(window)].map((group) => this.#keyOf(window, group))
  }

  /** Windows with records whose end lies in (after, upTo], by start. */
  windowsEndingIn(afterMs: number, upToMs: number): readonly Span[] {
    const found = new Map<number, Span>()
    const consider = (window: Span): void => {
      if (window.end > afterMs && window.end <= upToMs) found.set(window.start, window)
    }
    for (const pane of this.#panes.panesBefore(upToMs)) this.#program.windows.windowsOf(pane.start).forEach(consider)
    for (const patch of this.#patches.panesBefore(upToMs)) consider(this.#program.windows.windowAt(patch.start))
    return [...found.values()].sort((a, b) => a.start - b.start)
  }

  #groupsIn(window: Span): Set<number> {
    const groups = new Set<number>()
    const collect = (store: PaneStore, start: number): void => {
      const pane = store.find(start)
      if (pane !== undefined) for (const slot of store.slotsOf(pane)) groups.add(store.groupOf(slot))
    }
    for (const start of this.#program.windows.panesIn(window)) collect(this.#panes, start)
    collect(this.#patches, window.start)
    return groups
  }

  #rowsOf(window: Span, groups: Iterable<number>): ResultRow[] {
    const times = `{"window":{"start":"${formatTimestamp(window.start, this.#program.timeZone)}","end":"${formatTimestamp(window.end, this.#program.timeZone)}"},`
    const panes = this.#program.windows.panesIn(window)
    const rows: ResultRow[] = []
    for (const group of groups) {
      const results = this.#resultsOf(window, panes, group)
      rows.push({
        key: this.#keyOf(window, group),
        windowStart: window.start,
        windowEnd: window.end,
        row: `${times}${this.#groups.get(group).fields}${results}}`,
      })
    }
    return rows
  }

  #resultsOf(window: Span, panes: readonly number[], group: number): string {
    const single =
      panes.length === 1 && this.#patches.empty ? this.#panes.find(panes[0]!)?.slotOf.get(group) : undefined
    if (single !== undefined && single >= 0) return this.#resultFields(this.#panes.accumulators, single)
    for (const accumulator of this.#merged) accumulator.clear(0)
    for (const start of panes) this.#mergeFrom(this.#panes, start, group)
    this.#mergeFrom(this.#patches, window.start, group)
    return this.#resultFields(this.#merged, 0)
  }

  #mergeFrom(store: PaneStore, start: number, group: number): void {
    const slot = store.find(start)?.slotOf.get(group) ?? -1
    if (slot < 0) return
    for (const [i, accumulator] of this.#merged.entries()) accumulator.merge(0, store.accumulators[i]!, slot)
  }

  #resultFields(accumulators: readonly Accumulator[], slot: number): string {
    const context = { accumulators, slot }
    return this.#program.results
      .map(
        ({ name, type, evaluate }) =>
          `${JSON.stringify(name)}:${valueJson(evaluate(context), type, this.#program.timeZone)}`,
      )
      .join(',')
  }

  #keyOf(window: Span, group: number): string {
    return this.#program.groupBy.length === 0 ? String(window.start) : `${window.start}|${this.#groups.get(group).key}`
  }
}
