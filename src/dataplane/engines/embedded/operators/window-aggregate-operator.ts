import type { Span } from '#language/windows/window-panes.ts'
import { recordAsJson } from '../../../decoding/record-json.ts'
import type { LoggedBatch } from '../../../records/record-batch.ts'
import type { RelationBatch } from '../compile/relation.ts'
import type { Vector } from '../compile/vector.ts'
import type { WindowAggregateProgram } from '../compile/window-aggregate-program.ts'
import type { LateRecord, QueryChanges, ResultRow, StoredQueryState } from '../state/job-store.ts'
import { StateWriter } from '../state/state-bytes.ts'
import { GroupKeys } from './group-keys.ts'
import { watermarksBefore } from './lateness.ts'
import type { Operator } from './operator.ts'
import { type Pane, PaneStore } from './pane-store.ts'
import { WindowRows } from './window-rows.ts'

/**
 * Windows, groups and aggregates of one query. A record updates the slot of its group in one pane; a window's row is the merge of its
 * panes. A record that is late for some of its windows but not for all must not enter a pane that they share: it goes to *patches*,
 * slots of single windows, for those still open. So a row is exact whenever its window happens to close.
 */
export class WindowAggregateOperator implements Operator {
  readonly #program: WindowAggregateProgram
  readonly #groups: GroupKeys
  readonly #panes: PaneStore
  readonly #patches: PaneStore
  readonly #rows: WindowRows
  readonly #writer = new StateWriter()
  #late: LateRecord[] = []
  #closedUpToMs = Number.NEGATIVE_INFINITY

  constructor(program: WindowAggregateProgram) {
    this.#program = program
    this.#groups = new GroupKeys(program.groupBy, program.timeZone)
    const options = { grouped: program.groupBy.length > 0, trackSlots: program.mode !== 'append' }
    this.#panes = new PaneStore(program.createAccumulators(), this.#groups, options)
    this.#patches = new PaneStore(program.createAccumulators(), this.#groups, options)
    this.#rows = new WindowRows(program, this.#groups, this.#panes, this.#patches)
  }

  process(logged: LoggedBatch, delayMs: number): void {
    if (logged.maxEventTime < this.#program.fromMs) return
    const input = recordsFrom(this.#program.fromMs, this.#program.relation.apply(logged.batch), logged)
    const watermarks = watermarksBefore(logged, delayMs)
    const values = this.#program.bindArguments.map((bind) => bind?.(input) ?? null)
    const rows = watermarks === null ? selectedRows(input) : this.#takeLate(logged, input, values, watermarks)
    if (rows.length === 0) return
    this.#add(this.#panes, logged, values, rows, this.#slotsOf(input, rows))
  }

  /** The slot of each row, in the pane of its event time. */
  #slotsOf(input: RelationBatch, rows: Int32Array): Int32Array {
    const { eventTimes } = input.batch
    const groups = this.#groups.assign(input, rows, rows.length)
    const slots = new Int32Array(rows.length)
    let span: Span = { start: 0, end: 0 }
    let pane: Pane | undefined
    let lastGroup = -1
    let lastSlot = -1
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!
      const eventTime = eventTimes[row]!
      if (pane === undefined || eventTime < span.start || eventTime >= span.end) {
        span = this.#program.windows.paneOf(eventTime)
        pane = this.#panes.paneAt(span.start)
        lastGroup = -1
      }
      const group = groups[row]!
      if (group !== lastGroup) {
        lastGroup = group
        lastSlot = this.#panes.touch(pane, group)
      }
      slots[i] = lastSlot
    }
    return slots
  }

  /** Adds rows to slots; `values` are the arguments of the aggregates over the whole batch. */
  #add(
    store: PaneStore,
    logged: LoggedBatch,
    values: readonly (Vector | null)[],
    rows: Int32Array,
    slots: Int32Array,
  ): void {
    const { batch, partition } = logged
    const common = {
      rows,
      slots,
      length: rows.length,
      eventTimes: batch.eventTimes,
      partition,
      offsetOf: (row: number) => offsetOf(logged, row),
    }
    for (const [i, argument] of values.entries()) store.accumulators[i]!.add({ ...common, argument })
  }

  /** Handles the rows that are late for a window, and answers the others. */
  #takeLate(
    logged: LoggedBatch,
    input: RelationBatch,
    values: readonly (Vector | null)[],
    watermarks: Float64Array,
  ): Int32Array {
    const candidates = selectedRows(input)
    const inTime = new Int32Array(candidates.length)
    const patched: RowOfWindow[] = []
    let count = 0
    for (const row of candidates) {
      const behind = logged.batch.eventTimes[row]! < watermarks[row]!
      const windows = behind ? this.#windowsAt(logged.batch.eventTimes[row]!) : []
      const missed = windows.filter(({ end }) => end <= watermarks[row]!)
      if (missed.length === 0) inTime[count++] = row
      else {
        this.#late.push(lateRecord(logged, row, missed))
        for (const { start } of windows.slice(missed.length)) patched.push({ row, windowStart: start })
      }
    }
    if (patched.length > 0) this.#addPatches(logged, input, values, patched)
    return inTime.subarray(0, count)
  }

  #windowsAt(eventTime: number): readonly Span[] {
    return this.#program.windows.windowsOf(this.#program.windows.paneOf(eventTime).start)
  }

  #addPatches(
    logged: LoggedBatch,
    input: RelationBatch,
    values: readonly (Vector | null)[],
    patched: readonly RowOfWindow[],
  ): void {
    const rows = Int32Array.from(patched, ({ row }) => row)
    const groups = this.#groups.assign(input, rows, rows.length)
    const slots = Int32Array.from(patched, ({ row, windowStart }) =>
      this.#patches.touch(this.#patches.paneAt(windowStart), groups[row]!),
    )
    this.#add(this.#patches, logged, values, rows, slots)
  }

  takeChanges(watermarkMs: number): QueryChanges {
    const closeUpToMs = watermarkMs === Number.POSITIVE_INFINITY ? watermarkMs : watermarkMs - this.#program.keepMs
    const rows: ResultRow[] = this.#program.mode === 'append' ? [] : this.#rows.ofChangedSlots()
    const removedKeys = this.#close(closeUpToMs, rows)
    const late = this.#late
    this.#late = []
    return {
      closedUpToMs: this.#closedUpToMs,
      rows,
      removedKeys,
      late,
      panes: this.#panes.takePages(this.#writer),
      patches: this.#patches.takePages(this.#writer),
      groups: this.#groups.takeChanges([...this.#panes.takeReleasedGroups(), ...this.#patches.takeReleasedGroups()]),
    }
  }

  /** Closes the windows that end at or before a time: append rows are written, complete rows leave; panes nobody needs are dropped. */
  #close(upToMs: number, rows: ResultRow[]): readonly string[] {
    const removedKeys: string[] = []
    if (upToMs <= this.#closedUpToMs) return removedKeys
    const leaves =
      this.#program.mode === 'complete' && upToMs !== Number.POSITIVE_INFINITY && !this.#program.keepAllRows
    for (const window of this.#rows.windowsEndingIn(this.#closedUpToMs, upToMs)) {
      // One by one: a window may have more rows than a call takes arguments.
      if (this.#program.mode === 'append') for (const row of this.#rows.ofWindow(window)) rows.push(row)
      if (leaves) for (const key of this.#rows.keysOfWindow(window)) removedKeys.push(key)
    }
    const { windows } = this.#program
    for (const pane of this.#panes.panesBefore(upToMs))
      if (windows.windowsOf(pane.start).every(({ end }) => end <= upToMs)) this.#panes.drop(pane)
    for (const patch of this.#patches.panesBefore(upToMs))
      if (windows.windowAt(patch.start).end <= upToMs) this.#patches.drop(patch)
    this.#closedUpToMs = upToMs
    return removedKeys
  }

  get openWindowEndMs(): number | null {
    const { windows } = this.#program
    const ends = [
      ...(this.#panes.empty ? [] : windows.windowsOf(this.#panes.firstStart)),
      ...(this.#patches.empty ? [] : [windows.windowAt(this.#patches.firstStart)]),
    ].map(({ end }) => end)
    const open = ends.filter((end) => end > this.#closedUpToMs)
    return open.length === 0 ? null : Math.min(...open)
  }

  restore(state: StoredQueryState): void {
    this.#closedUpToMs = state.closedUpToMs
    for (const group of state.groups) this.#groups.restore(group)
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

const lateRecord = (logged: LoggedBatch, row: number, missed: readonly Span[]): LateRecord => ({
  partition: logged.partition,
  offset: offsetOf(logged, row),
  eventTimeMs: logged.batch.eventTimes[row]!,
  windows: missed.map(({ start }) => start),
  record: recordAsJson(logged.batch, row),
})

export const offsetOf = ({ baseOffset, batch }: LoggedBatch, row: number): number =>
  baseOffset + (batch.positions === null ? row : batch.positions[row]!)

function selectedRows({ batch, selection }: RelationBatch): Int32Array {
  if (selection !== null) return selection
  const rows = new Int32Array(batch.rows)
  for (let row = 0; row < rows.length; row++) rows[row] = row
  return rows
}

/** The rows whose event time is not before a time. */
function recordsFrom(fromMs: number, input: RelationBatch, { minEventTime }: LoggedBatch): RelationBatch {
  if (minEventTime >= fromMs) return input
  const { eventTimes } = input.batch
  return { ...input, selection: selectedRows(input).filter((row) => eventTimes[row]! >= fromMs) }
}
