import { recordAsJson } from '../../../decoding/record-json.ts'
import type { LoggedBatch } from '../../../records/record-batch.ts'
import type { RelationBatch } from '../compile/relation.ts'
import type { WindowAggregateProgram } from '../compile/window-aggregate-program.ts'
import type { LateRecord, QueryChanges, ResultRow, StoredQueryState } from '../state/job-store.ts'
import { StateWriter } from '../state/state-bytes.ts'
import { GroupKeys } from './group-keys.ts'
import { watermarksBefore } from './lateness.ts'
import type { Operator } from './operator.ts'
import { type Pane, PaneStore } from './pane-store.ts'
import type { Span } from './window-panes.ts'
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
    const input = this.#program.relation.apply(logged.batch)
    const watermarks = watermarksBefore(logged, delayMs)
    const rows = watermarks === null ? selectedRows(input) : this.#takeLate(logged, input, watermarks)
    if (rows.length === 0) return
    this.#add(this.#panes, logged, input, rows, this.#slotsOf(input, rows))
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

  #add(store: PaneStore, logged: LoggedBatch, input: RelationBatch, rows: Int32Array, slots: Int32Array): void {
    const { batch, partition } = logged
    const common = {
      rows,
      slots,
      length: rows.length,
      eventTimes: batch.eventTimes,
      partition,
      offsetOf: (row: number) => offsetOf(logged, row),
    }
    for (const [i, bind] of this.#program.bindArguments.entries())
      store.accumulators[i]!.add({ ...common, argument: bind === null ? null : bind(input) })
  }

  /** Handles the rows that are late for a window, and answers the others. */
  #takeLate(logged: LoggedBatch, input: RelationBatch, watermarks: Float64Array): Int32Array {
    const candidates = selectedRows(input)
    const inTime = new Int32Array(candidates.length)
    let count = 0
    for (const row of candidates) {
      const behind = logged.batch.eventTimes[row]! < watermarks[row]!
      const missed = behind
        ? this.#windowsAt(logged.batch.eventTimes[row]!).filter(({ end }) => end <= watermarks[row]!)
        : []
      if (missed.length === 0) inTime[count++] = row
      else this.#addLate(logged, input, row, missed)
    }
    return inTime.subarray(0, count)
  }

  #windowsAt(eventTime: number): readonly Span[] {
    return this.#program.windows.windowsOf(this.#program.windows.paneOf(eventTime).start)
  }

  #addLate(logged: LoggedBatch, input: RelationBatch, row: number, missed: readonly Span[]): void {
    const eventTimeMs = logged.batch.eventTimes[row]!
    this.#late.push({
      partition: logged.partition,
      offset: offsetOf(logged, row),
      eventTimeMs,
      windows: missed.map(({ start }) => start),
      record: recordAsJson(logged.batch, row),
    })
    const open = this.#windowsAt(eventTimeMs).slice(missed.length)
    if (open.length === 0) return
    const rows = new Int32Array([row])
    const group = this.#groups.assign(input, rows, 1)[row]!
    for (const { start } of open)
      this.#add(
        this.#patches,
        logged,
        input,
        rows,
        new Int32Array([this.#patches.touch(this.#patches.paneAt(start), group)]),
      )
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
    for (const window of this.#rows.windowsEndingIn(this.#closedUpToMs, upToMs)) {
      if (this.#program.mode === 'append') rows.push(...this.#rows.ofWindow(window))
      if (this.#program.mode === 'complete' && upToMs !== Number.POSITIVE_INFINITY && !this.#program.keepAllRows)
        removedKeys.push(...this.#rows.keysOfWindow(window))
    }
    for (const pane of [...this.#panes.panes])
      if (this.#program.windows.windowsOf(pane.start).every(({ end }) => end <= upToMs)) this.#panes.drop(pane)
    for (const patch of [...this.#patches.panes])
      if (this.#program.windows.windowAt(patch.start).end <= upToMs) this.#patches.drop(patch)
    this.#closedUpToMs = upToMs
    return removedKeys
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

export const offsetOf = ({ baseOffset, batch }: LoggedBatch, row: number): number =>
  baseOffset + (batch.positions === null ? row : batch.positions[row]!)

function selectedRows({ batch, selection }: RelationBatch): Int32Array {
  if (selection !== null) return selection
  const rows = new Int32Array(batch.rows)
  for (let row = 0; row < rows.length; row++) rows[row] = row
  return rows
}
