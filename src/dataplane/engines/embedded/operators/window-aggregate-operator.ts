import type { Span } from '#language/windows/window-panes.ts'
import type { LoggedBatch } from '../../../records/record-batch.ts'
import type { RelationBatch } from '../compile/relation.ts'
import type { WindowAggregateProgram } from '../compile/window-aggregate-program.ts'
import { grown } from '../grown-array.ts'
import { CutRanges } from '../sharing/cut-ranges.ts'
import type { KeyCodes } from '../sharing/key-codes/key-codes.ts'
import type { RowRanges } from '../sharing/pane-runs.ts'
import {
  type LateRecord,
  NO_PAGES,
  type QueryChanges,
  type StateChanges,
  type StoredQueryState,
} from '../state/job-store.ts'
import type { StoreName } from '../state/spilled-state.ts'
import { StateWriter } from '../state/state-bytes.ts'
import type { CountAccumulator } from './accumulators/count-accumulator.ts'
import { GroupKeys } from './group-keys.ts'
import { GroupedRows } from './grouped-rows.ts'
import type { Pane } from './open-panes.ts'
import type { Operator } from './operator.ts'
import { PaneStore } from './pane-store.ts'
import { offsetOf, placeOf, rowsOf } from './row-place.ts'
import { spillPanes } from './spill-panes.ts'
import { SpilledPanes } from './spilled-panes.ts'
import type { StateBudget, StateHolder, StateOverflow } from './state-budget.ts'
import { WindowRows } from './window-rows.ts'

/**
 * Windows, groups and aggregates of one query. A record updates the slot of its group in one pane; a window's row is the merge of its
 * panes. A record that is late for some of its windows but not for all must not enter a pane that they share: it goes to *patches*,
 * slots of single windows, for those still open. So a row is exact whenever its window happens to close.
 */
export class WindowAggregateOperator implements Operator, StateHolder {
  readonly #program: WindowAggregateProgram
  readonly #groups: GroupKeys
  readonly #panes: PaneStore
  readonly #patches: PaneStore
  readonly #rows: WindowRows
  readonly #budget: StateBudget | null
  readonly #writer = new StateWriter()
  readonly #groupedRows: GroupedRows
  readonly #cutRanges = new CutRanges()
  /** Panes of the batch in work, as far as they were asked for, by their index in its ranges. */
  readonly #panesOfBatch: Pane[] = []
  /** Of the batch in work, and kept for the next: the slot of each row by its place in the row list, and of each range; without group keys. */
  #slots = new Int32Array(0)
  #rangeSlots = new Int32Array(0)
  /** Places in the row list, ascending, whose rows do not enter a pane; the first `#leftOutCount` count. */
  #leftOut = new Int32Array(0)
  #leftOutCount = 0
  #late: LateRecord[] = []
  #closedUpToMs = Number.NEGATIVE_INFINITY

  /** @param overflow where state goes that memory has no room for; null where everything has to fit */
  constructor(program: WindowAggregateProgram, overflow: StateOverflow | null = null) {
    this.#program = program
    this.#groups = new GroupKeys(program.groupBy, program.timeZone)
    const options = { grouped: program.groupBy.length > 0, trackSlots: program.mode !== 'append' }
    const storeOf = (name: StoreName): PaneStore =>
      new PaneStore(
        program.createAccumulators(),
        this.#groups,
        options,
        overflow && new SpilledPanes(overflow.state, name),
      )
    this.#panes = storeOf('pane')
    this.#groupedRows = new GroupedRows(this.#groups, this.#panes)
    this.#patches = storeOf('patch')
    this.#rows = new WindowRows(program, this.#groups, this.#panes, this.#patches, overflow?.state ?? null)
    this.#budget = overflow?.budget ?? null
    this.#budget?.join(this)
  }

  get spilledGroups(): number {
    return (this.#panes.open.spilled?.written ?? 0) + (this.#patches.open.spilled?.written ?? 0)
  }

  get stateBytes(): number {
    return this.#panes.bytes + this.#patches.bytes + this.#groups.bytes
  }

  process(logged: LoggedBatch, delayMs: number): void {
    const { relation, paneRuns, fromMs } = this.#program
    if (logged.maxEventTime < fromMs) return
    const input = relation.of(logged)
    if (input.length === 0) return
    this.#leaveOut(logged, input, delayMs)
    const ranges = this.#cutRanges.of(paneRuns.of(input), this.#leftOut, this.#leftOutCount)
    this.#panesOfBatch.length = 0
    if (this.#program.keyCodes === null) this.#addRanges(logged, input, ranges)
    else this.#addGrouped(this.#program.keyCodes, logged, input, ranges)
  }

  /** Without group keys all rows of a range go to one slot, so that most accumulators need no look at the rows. */
  #addRanges(logged: LoggedBatch, input: RelationBatch, ranges: RowRanges): void {
    const { count, begins, ends } = ranges
    const group = this.#groups.only()
    const slots = (this.#rangeSlots = grown(this.#rangeSlots, count))
    for (let range = 0; range < count; range++) slots[range] = this.#panes.touch(this.#paneAt(ranges, range), group)
    let expanded = false
    for (const [i, accumulator] of this.#panes.accumulators.entries()) {
      const argument = this.#program.arguments[i]!
      const prefixSums = () => argument?.prefixSums(input) ?? null
      if (accumulator.addRanges({ count, begins, ends, slots, prefixSums })) continue
      if (!expanded) this.#expandSlots(input, ranges)
      expanded = true
      this.#addRows(i, logged, input, ranges, this.#slots)
    }
  }

  #expandSlots(input: RelationBatch, { count, begins, ends }: RowRanges): void {
    this.#slots = grown(this.#slots, input.length)
    for (let range = 0; range < count; range++) this.#slots.fill(this.#rangeSlots[range]!, begins[range]!, ends[range]!)
  }

  #addGrouped(keyCodes: KeyCodes, logged: LoggedBatch, input: RelationBatch, ranges: RowRanges): void {
    const paneAt = (range: number) => this.#paneAt(ranges, range)
    const [accumulator] = this.#panes.accumulators
    if (this.#program.onlyCounts) {
      this.#groupedRows.count(keyCodes, input, ranges, paneAt, accumulator as CountAccumulator)
      return
    }
    this.#groupedRows.touch(keyCodes, input, ranges, paneAt)
    for (let i = 0; i < this.#panes.accumulators.length; i++)
      this.#addRows(i, logged, input, ranges, this.#groupedRows.slots)
  }

  /** The pane of a range, which begins to exist with its first row. */
  #paneAt({ panes, paneStarts }: RowRanges, range: number): Pane {
    const index = panes[range]!
    return (this.#panesOfBatch[index] ??= this.#panes.paneAt(paneStarts[index]!))
  }

  /** Adds the rows of all ranges to their slots, ranges that touch at once. */
  #addRows(
    i: number,
    logged: LoggedBatch,
    input: RelationBatch,
    { count, begins, ends }: RowRanges,
    slots: Int32Array,
  ): void {
    const argument = this.#program.arguments[i]?.of(input) ?? null
    const common = { ...rowsOf(logged), argument, rows: input.rows, slots }
    for (let range = 0; range < count; ) {
      const begin = begins[range]!
      let end = ends[range++]!
      while (range < count && begins[range] === end) end = ends[range++]!
      this.#panes.accumulators[i]!.add({ ...common, begin, end })
    }
  }

  /** Collects the rows that must not enter a pane: those before the query's bound, and those that are late for a window. */
  #leaveOut(logged: LoggedBatch, input: RelationBatch, delayMs: number): void {
    const { sharing, fromMs } = this.#program
    const { eventTimes } = logged.batch
    this.#leftOutCount = 0
    const { count, rows, watermarks } = sharing.latecomers(logged, delayMs)
    const patched: RowOfWindow[] = []
    for (let k = 0; k < count; k++) {
      const row = rows[k]!
      const place = eventTimes[row]! < fromMs ? -1 : placeOf(row, input)
      if (place >= 0 && this.#takeLate(logged, row, watermarks[k]!, patched)) this.#leaveOutPlace(place)
    }
    if (patched.length > 0) this.#addPatches(logged, input, patched)
    if (logged.minEventTime >= fromMs) return
    for (let i = 0; i < input.length; i++) if (eventTimes[input.rows[i]!]! < fromMs) this.#leaveOutPlace(i)
    this.#leftOut.subarray(0, this.#leftOutCount).sort()
  }

  #leaveOutPlace(place: number): void {
    this.#leftOut = grown(this.#leftOut, this.#leftOutCount + 1)
    this.#leftOut[this.#leftOutCount++] = place
  }

  /** Whether a row is late for a window; the windows it is not late for get it by way of `patched`. */
  #takeLate(logged: LoggedBatch, row: number, watermark: number, patched: RowOfWindow[]): boolean {
    const windows = this.#windowsAt(logged.batch.eventTimes[row]!)
    const missed = windows.filter(({ end }) => end <= watermark)
    if (missed.length === 0) return false
    this.#late.push({
      partition: logged.partition,
      offset: offsetOf(logged, row),
      eventTimeMs: logged.batch.eventTimes[row]!,
      windows: missed.map(({ start }) => start),
      record: this.#program.sharing.recordText(logged, row),
    })
    for (const { start } of windows.slice(missed.length)) patched.push({ row, windowStart: start })
    return true
  }

  #windowsAt(eventTime: number): readonly Span[] {
    return this.#program.windows.windowsOf(this.#program.windows.paneOf(eventTime).start)
  }

  #addPatches(logged: LoggedBatch, input: RelationBatch, patched: readonly RowOfWindow[]): void {
    const rows = Int32Array.from(patched, ({ row }) => row)
    const groups = this.#groupsOfRows(input, rows)
    const slots = Int32Array.from(patched, ({ windowStart }, i) =>
      this.#patches.touch(this.#patches.paneAt(windowStart), groups[i]!),
    )
    const common = { ...rowsOf(logged), rows, slots, begin: 0, end: rows.length }
    for (const [i, accumulator] of this.#patches.accumulators.entries())
      accumulator.add({ ...common, argument: this.#program.arguments[i]?.of(input) ?? null })
  }

  #groupsOfRows(input: RelationBatch, rows: Int32Array): readonly number[] {
    const { keyCodes } = this.#program
    if (keyCodes === null) return Array.from(rows, () => this.#groups.only())
    const codes = keyCodes.of(input)
    this.#groups.byCode(codes)
    return Array.from(rows, (row) => this.#groups.groupOf(input, codes, row))
  }

  takeChanges(watermarkMs: number): QueryChanges {
    const { mode, keepMs, keepAllRows } = this.#program
    const wantedMs = watermarkMs === Number.POSITIVE_INFINITY ? watermarkMs : watermarkMs - keepMs
    const closedUpToMs = Math.max(wantedMs, this.#closedUpToMs)
    const closing = this.#rows.windowsEndingIn(this.#closedUpToMs, closedUpToMs)
    this.#closedUpToMs = closedUpToMs
    const late = this.#late
    this.#late = []
    const leave = mode === 'complete' && closedUpToMs !== Number.POSITIVE_INFINITY && !keepAllRows
    return {
      closedUpToMs,
      rows: mode === 'append' ? this.#rows.ofWindows(closing) : this.#rows.ofChangedSlots(),
      removedKeys: leave ? [...closing].flatMap((window) => [...this.#rows.keysOfWindow(window)]) : [],
      late,
      takeState: (options) => this.#takeState(options),
    }
  }

  #takeState({ stored }: { readonly stored: boolean }): StateChanges {
    this.#dropClosed()
    const excess = this.#budget?.excessOf(this) ?? 0
    if (excess > 0) spillPanes([this.#panes, this.#patches], excess / this.stateBytes, this.#writer)
    const [panes, patches] = [this.#panes, this.#patches].map((store) =>
      stored ? store.takePages(this.#writer) : store.skipPages(),
    )
    return {
      panes: panes!,
      patches: patches!,
      keys: NO_PAGES,
      groups: this.#groups.takeChanges([...this.#panes.takeReleasedGroups(), ...this.#patches.takeReleasedGroups()]),
    }
  }

  /** Drops the panes that only closed windows have. */
  #dropClosed(): void {
    const { windows } = this.#program
    const upToMs = this.#closedUpToMs
    const paneClosed = (start: number): boolean => windows.lastEndOf(start) <= upToMs
    const patchClosed = (start: number): boolean => windows.windowAt(start).end <= upToMs
    this.#panes.dropWhere(upToMs, paneClosed)
    this.#patches.dropWhere(upToMs, patchClosed)
  }

  get openWindowEndMs(): number | null {
    const { windows } = this.#program
    const [panes, patches] = [this.#panes.open.firstStart, this.#patches.open.firstStart]
    const ends = [
      ...(panes === Number.POSITIVE_INFINITY ? [] : windows.windowsOf(panes)),
      ...(patches === Number.POSITIVE_INFINITY ? [] : [windows.windowAt(patches)]),
    ].map(({ end }) => end)
    const open = ends.filter((end) => end > this.#closedUpToMs)
    return open.length === 0 ? null : Math.min(...open)
  }

  restore(state: StoredQueryState): void {
    this.#closedUpToMs = state.closedUpToMs
    for (const group of state.groups) this.#groups.restore(group)
    this.#panes.open.spilled?.restore()
    this.#patches.open.spilled?.restore()
    for (const page of state.panes) this.#panes.restore(page)
    for (const page of state.patches) this.#patches.restore(page)
    this.#groups.restored()
    this.#panes.restored()
    this.#patches.restored()
  }
}

/** A row that counts in the window beginning at `windowStart`. */
interface RowOfWindow {
  readonly row: number
  readonly windowStart: number
}
