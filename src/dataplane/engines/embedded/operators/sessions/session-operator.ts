import type { LoggedBatch } from '../../../../records/record-batch.ts'
import type { RelationBatch } from '../../compile/relation.ts'
import type { SessionProgram } from '../../compile/session-program.ts'
import { grown } from '../../grown-array.ts'
import type { RowCodes } from '../../sharing/key-codes/row-codes.ts'
import { watermarksBefore } from '../../sharing/watermarks-before.ts'
import {
  type LateRecord,
  NO_STATE,
  type QueryChanges,
  type ResultRow,
  type StateChanges,
  type StoredQueryState,
} from '../../state/job-store.ts'
import { StateWriter } from '../../state/state-bytes.ts'
import { GroupKeys } from '../group-keys.ts'
import { type HeldStateLimit, requireRoom } from '../held-state.ts'
import type { Operator } from '../operator.ts'
import { offsetOf, rowsOf } from '../row-place.ts'
import { RowTexts } from '../row-texts.ts'
import type { StateHolder } from '../state-budget.ts'
import { OpenSessions } from './open-sessions.ts'
import type { Session } from './session.ts'
import { SessionSlots } from './session-slots.ts'

/** Sessions, groups and aggregates of one query (semantics 3.5). All open sessions are in memory. */
export class SessionOperator implements Operator, StateHolder {
  readonly spilledGroups = 0
  readonly #program: SessionProgram
  readonly #limit: HeldStateLimit
  readonly #groups: GroupKeys
  readonly #slots: SessionSlots
  readonly #open: OpenSessions
  readonly #texts: RowTexts
  readonly #writer = new StateWriter()
  /** Groups that lost a session since the last commit: one entry for each. */
  #released: number[] = []
  /** The batch in work. */
  #work: { readonly logged: LoggedBatch; readonly input: RelationBatch } | null = null
  /** Rows of it, and the slots they go to, that are not aggregated yet; the first `#waiting` count. */
  #rows = new Int32Array(0)
  #slotOfRow = new Int32Array(0)
  #waiting = 0
  #late: LateRecord[] = []
  #closedUpToMs = Number.NEGATIVE_INFINITY

  constructor(program: SessionProgram, limit: HeldStateLimit) {
    this.#program = program
    this.#limit = limit
    this.#groups = new GroupKeys(program.groupBy, program.timeZone)
    this.#slots = new SessionSlots(program.createAccumulators())
    this.#texts = new RowTexts(program, program.timeZone)
    this.#open = new OpenSessions(program.gapMs, {
      begin: (group, start, end) => {
        this.#groups.retain(group)
        return this.#slots.add(group, start, end)
      },
      merge: (into, from) => this.#merge(into, from),
    })
    limit.budget?.join(this)
  }

  get stateBytes(): number {
    return this.#slots.bytes + this.#groups.bytes
  }

  get openWindowEndMs(): number | null {
    return this.#open.firstEnd()
  }

  process(logged: LoggedBatch, delayMs: number): void {
    const { relation, keyCodes } = this.#program
    const input = relation.of(logged)
    this.#work = { logged, input }
    this.#rows = grown(this.#rows, input.length)
    this.#slotOfRow = grown(this.#slotOfRow, input.length)
    const codes = keyCodes?.of(input) ?? null
    if (codes !== null) this.#groups.byCode(codes)
    const watermarkBefore = watermarksBefore(logged, delayMs)
    for (let i = 0; i < input.length; i++) {
      const row = input.rows[i]!
      const watermark = watermarkBefore(row)
      if (logged.batch.eventTimes[row]! + this.#program.gapMs <= watermark) this.#takeLate(logged, row)
      else this.#join(logged, row, this.#groupOf(input, codes, row), watermark)
    }
    this.#aggregate()
    this.#work = null
    requireRoom(this.#limit, this.stateBytes, `${this.#slots.count} open sessions`)
  }

  #groupOf(input: RelationBatch, codes: RowCodes | null, row: number): number {
    return codes === null ? this.#groups.only() : this.#groups.groupOf(input, codes, row)
  }

  #join({ batch }: LoggedBatch, row: number, group: number, watermark: number): void {
    const session = this.#open.join(group, batch.eventTimes[row]!, watermark)
    this.#slots.touch(session)
    this.#rows[this.#waiting] = row
    this.#slotOfRow[this.#waiting++] = session.slot
  }

  /** The session that a late record would have been alone is the one that it missed. */
  #takeLate(logged: LoggedBatch, row: number): void {
    const eventTimeMs = logged.batch.eventTimes[row]!
    if (eventTimeMs <= this.#program.boundMs) return
    this.#late.push({
      partition: logged.partition,
      offset: offsetOf(logged, row),
      eventTimeMs,
      windows: [eventTimeMs],
      record: this.#program.sharing.recordText(logged, row),
    })
  }

  /** Brings the waiting rows to their slots. */
  #aggregate(): void {
    if (this.#waiting === 0) return
    const { logged, input } = this.#work!
    const waiting = { rows: this.#rows, slots: this.#slotOfRow, begin: 0, end: this.#waiting }
    const common = { ...rowsOf(logged), ...waiting }
    for (const [i, accumulator] of this.#slots.accumulators.entries())
      accumulator.add({ ...common, argument: this.#program.arguments[i]?.of(input) ?? null })
    this.#waiting = 0
  }

  #merge(into: Session, from: Session): void {
    this.#aggregate()
    this.#slots.merge(into, from)
    this.#released.push(from.group)
  }

  takeChanges(watermarkMs: number): QueryChanges {
    this.#closedUpToMs = Math.max(watermarkMs, this.#closedUpToMs)
    const ended = this.#open.takeEnded(this.#closedUpToMs)
    const late = this.#late
    this.#late = []
    return {
      closedUpToMs: this.#closedUpToMs,
      rows: this.#rowsOf(ended),
      removedKeys: [],
      late,
      takeState: ({ stored }) => this.#takeState(ended, stored),
    }
  }

  *#rowsOf(ended: readonly Session[]): Iterable<ResultRow> {
    const { accumulators } = this.#slots
    for (const session of ended) {
      if (session.start <= this.#program.boundMs) continue
      const group = this.#groups.get(session.group)
      yield this.#texts.row(session, this.#texts.beginning(session), group, { accumulators, slot: session.slot })
    }
  }

  #takeState(ended: readonly Session[], stored: boolean): StateChanges {
    for (const session of ended) {
      this.#slots.remove(session)
      this.#released.push(session.group)
    }
    for (const group of this.#released) this.#groups.release(group)
    const groups = this.#groups.takeChanges(this.#released)
    this.#released = []
    return { ...NO_STATE, groups, panes: stored ? this.#slots.takePages(this.#writer) : this.#slots.skipPages() }
  }

  restore(state: StoredQueryState): void {
    this.#closedUpToMs = state.closedUpToMs
    for (const group of state.groups) this.#groups.restore(group)
    const sessions = this.#slots.restore(state.panes)
    for (const { group } of sessions) this.#groups.retain(group)
    this.#open.restore(sessions)
    this.#groups.restored()
  }
}
