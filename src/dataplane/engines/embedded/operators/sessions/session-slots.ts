import { grown } from '../../grown-array.ts'
import { NO_PAGES, type PageChanges } from '../../state/job-store.ts'
import { StateReader, type StateWriter } from '../../state/state-bytes.ts'
import type { Accumulator } from '../accumulators/accumulator.ts'
import { takeMarked } from '../marks.ts'
import type { StoredPage } from '../pane-store.ts'
import type { Session } from './session.ts'

/** A page has 2 to the power of this slots; it is written when a session in it changed. */
const PAGE_BITS = 4
const PAGE_SLOTS = 1 << PAGE_BITS
/** Estimates of what memory holds for a session apart from its aggregates, and for each of them. Measured with one session for each group. */
const SESSION_BYTES = 300
const AGGREGATE_BYTES = 24

/** The aggregates of open sessions, a slot for each, and the pages in which they are stored. */
export class SessionSlots {
  readonly accumulators: readonly Accumulator[]
  readonly #sessions: (Session | undefined)[] = []
  readonly #free: number[] = []
  /** 1 for a page that changed since the last `takePages`. */
  #dirtyPages = new Uint8Array(0)

  constructor(accumulators: readonly Accumulator[]) {
    this.accumulators = accumulators
  }

  /** An estimate of what memory holds. */
  get bytes(): number {
    return this.count * (SESSION_BYTES + this.accumulators.length * AGGREGATE_BYTES)
  }

  get count(): number {
    return this.#sessions.length - this.#free.length
  }

  add(group: number, start: number, end: number): Session {
    const slot = this.#free.pop() ?? this.#sessions.length
    this.#place({ group, slot, start, end, open: true })
    for (const accumulator of this.accumulators) accumulator.clear(slot)
    return this.#sessions[slot]!
  }

  #place(session: Session): void {
    const { slot } = session
    this.#sessions[slot] = session
    this.#dirtyPages = grown(this.#dirtyPages, (slot >> PAGE_BITS) + 1)
    for (const accumulator of this.accumulators) accumulator.reserve(slot + 1)
  }

  /** A session changed, or what is aggregated in it. */
  touch({ slot }: Session): void {
    this.#dirtyPages[slot >> PAGE_BITS] = 1
  }

  merge(into: Session, from: Session): void {
    for (const accumulator of this.accumulators) accumulator.merge(into.slot, accumulator, from.slot)
    this.remove(from)
  }

  remove(session: Session): void {
    this.touch(session)
    this.#sessions[session.slot] = undefined
    this.#free.push(session.slot)
  }

  /** What changed since the last call, as it is to be stored. */
  takePages(writer: StateWriter): PageChanges {
    const written: StoredPage[] = []
    const dropped: number[] = []
    for (const page of takeMarked(this.#dirtyPages)) {
      const sessions = this.#sessionsIn(page)
      if (sessions.length === 0) dropped.push(page)
      else written.push({ page, paneStart: 0, body: this.#pageBody(sessions, writer) })
    }
    return { written, dropped }
  }

  /** In the place of `takePages` where nothing is stored. */
  skipPages(): PageChanges {
    return NO_PAGES
  }

  #sessionsIn(page: number): readonly Session[] {
    const first = page << PAGE_BITS
    return this.#sessions.slice(first, first + PAGE_SLOTS).filter((session) => session !== undefined)
  }

  #pageBody(sessions: readonly Session[], writer: StateWriter): Uint8Array {
    writer.number(sessions.length)
    for (const { slot, group, start, end } of sessions) {
      for (const number of [slot, group, start, end]) writer.number(number)
      for (const accumulator of this.accumulators) accumulator.write(slot, writer)
    }
    return writer.take()
  }

  restore(pages: readonly StoredPage[]): readonly Session[] {
    const sessions: Session[] = []
    for (const { body } of pages) {
      const reader = new StateReader(body)
      for (let left = reader.number(); left > 0; left--) sessions.push(this.#readSession(reader))
    }
    for (let slot = 0; slot < this.#sessions.length; slot++)
      if (this.#sessions[slot] === undefined) this.#free.push(slot)
    return sessions
  }

  #readSession(reader: StateReader): Session {
    const [slot, group, start, end] = [reader.number(), reader.number(), reader.number(), reader.number()]
    const session = { slot, group, start, end, open: true }
    this.#place(session)
    for (const accumulator of this.accumulators) accumulator.read(slot, reader)
    return session
  }
}
