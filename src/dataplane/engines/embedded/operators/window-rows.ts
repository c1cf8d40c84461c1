import type { Span } from '#language/windows/window-panes.ts'
import type { WindowAggregateProgram } from '../compile/window-aggregate-program.ts'
import { grown } from '../grown-array.ts'
import type { ResultRow } from '../state/job-store.ts'
import type { SpilledGroup, SpilledState } from '../state/spilled-state.ts'
import type { GroupKeys } from './group-keys.ts'
import { mergedNumbers } from './merged-numbers.ts'
import type { PaneStore } from './pane-store.ts'
import { RowTexts } from './row-texts.ts'
import { WindowMerge, type WindowPart } from './window-merge.ts'

/** A window, and the groups whose rows in it changed. */
interface ChangedWindow {
  readonly window: Span
  readonly groups: Set<number>
}

/** Makes result rows of the slots of panes and patches, one by one as they are asked for. */
export class WindowRows {
  readonly #program: WindowAggregateProgram
  readonly #groups: GroupKeys
  readonly #panes: PaneStore
  readonly #patches: PaneStore
  /** Null where everything has to fit into memory. */
  readonly #spilled: SpilledState | null
  readonly #merge: WindowMerge
  readonly #texts: RowTexts
  /** 1 for the groups of a window that were found; 0 for all between two searches. */
  #marks = new Uint8Array(0)

  constructor(
    program: WindowAggregateProgram,
    groups: GroupKeys,
    panes: PaneStore,
    patches: PaneStore,
    spilled: SpilledState | null,
  ) {
    this.#program = program
    this.#groups = groups
    this.#panes = panes
    this.#patches = patches
    this.#spilled = spilled
    this.#merge = new WindowMerge(() => program.createAccumulators())
    this.#texts = new RowTexts(program, program.timeZone)
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
  *ofWindows(windows: Iterable<Span>): Iterable<ResultRow> {
    for (const window of windows) {
      const parts = this.#partsOf(window)
      yield* this.#rowsOf(window, parts, this.#groupsIn(parts))
      yield* this.#rowsOfSpilled(window, parts)
    }
  }

  *#rowsOfEach(changed: readonly ChangedWindow[]): Iterable<ResultRow> {
    for (const { window, groups } of changed) yield* this.#rowsOf(window, this.#partsOf(window), groups)
  }

  *keysOfWindow(window: Span): Iterable<string> {
    const parts = this.#partsOf(window)
    for (const group of this.#groupsIn(parts)) yield this.#texts.key(window, this.#groups.get(group).key)
    for (const [{ key }] of this.#spilledGroups(window, parts)) yield this.#texts.key(window, key)
  }

  /** Windows with records whose end lies in (after, upTo], by start. One by one: at the end of a long input there are many. */
  *windowsEndingIn(afterMs: number, upToMs: number): Iterable<Span> {
    if (upToMs <= afterMs) return
    const starts = mergedNumbers(this.#startsByPanes(afterMs, upToMs), this.#patches.open.startsBefore(upToMs))
    for (const start of starts) {
      const window = this.#program.windows.windowAt(start)
      if (window.end > afterMs && window.end <= upToMs) yield window
    }
  }

  *#startsByPanes(afterMs: number, upToMs: number): Iterable<number> {
    let last = Number.NEGATIVE_INFINITY
    for (const pane of this.#panes.open.startsBefore(upToMs)) {
      for (const { start } of this.#program.windows.windowsEnding(pane, afterMs, upToMs)) {
        // Panes that follow each other have windows in common.
        if (start > last) yield (last = start)
      }
    }
  }

  /** The panes of a window that have records, in order, and then its patches. */
  #partsOf(window: Span): readonly WindowPart[] {
    const parts: WindowPart[] = []
    const add = (store: PaneStore, start: number, onDisk: ReadonlySet<number>): void => {
      const pane = store.open.find(start)
      const spilled = onDisk.has(start)
      if (pane !== undefined || spilled) parts.push({ start, store, pane, spilled })
    }
    const panesOnDisk = new Set(this.#panes.open.spilled?.startsIn(window.start, window.end))
    for (const start of this.#program.windows.panesIn(window)) add(this.#panes, start, panesOnDisk)
    add(this.#patches, window.start, new Set(this.#patches.open.spilled?.startsIn(window.start, window.start + 1)))
    return parts
  }

  /** Those that memory holds. */
  #groupsIn(parts: readonly WindowPart[]): readonly number[] {
    const groups: number[] = []
    const marks = (this.#marks = grown(this.#marks, this.#groups.size))
    for (const { pane, store } of parts) if (pane !== undefined) store.collectGroups(pane, marks, groups)
    for (const group of groups) marks[group] = 0
    return groups
  }

  *#rowsOf(window: Span, parts: readonly WindowPart[], groups: Iterable<number>): Iterable<ResultRow> {
    const beginning = this.#texts.beginning(window)
    for (const id of groups)
      yield this.#texts.row(window, beginning, this.#groups.get(id), this.#merge.ofGroup(parts, id))
  }

  /** Of the groups that only the disk holds. */
  *#rowsOfSpilled(window: Span, parts: readonly WindowPart[]): Iterable<ResultRow> {
    const beginning = this.#texts.beginning(window)
    for (const groups of this.#spilledGroups(window, parts))
      yield this.#texts.row(window, beginning, groups[0], this.#merge.ofSpilled(groups))
  }

  /** What the disk holds of each group of a window that memory holds nothing of. */
  *#spilledGroups(window: Span, parts: readonly WindowPart[]): Iterable<GroupParts> {
    if (!parts.some(({ spilled }) => spilled)) return
    for (const groups of byKey(this.#spilled!.ofWindow(window))) {
      const id = this.#groups.withKey(groups[0].key)
      const inMemory = id !== undefined && parts.some(({ pane }) => pane !== undefined && pane.slotOf.get(id) >= 0)
      if (!inMemory) yield groups
    }
  }
}

/** What the parts of a window hold of one group, in their order. */
type GroupParts = readonly [SpilledGroup, ...SpilledGroup[]]

/** Entries of one key follow each other. */
function* byKey(entries: Iterable<SpilledGroup>): Iterable<GroupParts> {
  let parts: [SpilledGroup, ...SpilledGroup[]] | null = null
  for (const entry of entries) {
    if (parts?.[0].key === entry.key) parts.push(entry)
    else {
      if (parts !== null) yield parts
      parts = [entry]
    }
  }
  if (parts !== null) yield parts
}
