import { MinHeap } from '../min-heap.ts'
import type { Session } from './session.ts'

/** Of a gap: sessions that end within such a stretch are looked at together. */
const STRETCHES_PER_GAP = 16

/**
 * Open sessions by when they end, so that those that have ended are found without a look at the others. A session stays where it was put when
 * it began, and moves on when it is found there and has grown: an end never comes earlier.
 */
export class SessionEnds {
  readonly #widthMs: number
  /** By end / width. */
  readonly #stretches = new Map<number, Session[]>()
  readonly #numbers = new MinHeap()

  constructor(gapMs: number) {
    this.#widthMs = Math.max(1, Math.ceil(gapMs / STRETCHES_PER_GAP))
  }

  add(session: Session): void {
    const number = this.#numberOf(session)
    const sessions = this.#stretches.get(number)
    if (sessions !== undefined) {
      sessions.push(session)
      return
    }
    this.#stretches.set(number, [session])
    this.#numbers.add(number)
  }

  #numberOf({ end }: Session): number {
    return Math.floor(end / this.#widthMs)
  }

  /** Takes out the sessions that end at or before a time, by start. */
  takeUpTo(ms: number): readonly Session[] {
    const ended: Session[] = []
    const grown: Session[] = []
    while (this.#stretches.size > 0 && this.#numbers.least * this.#widthMs <= ms)
      for (const session of this.#takeFirst()) if (session.open) (session.end <= ms ? ended : grown).push(session)
    for (const session of grown) this.add(session)
    return ended.sort((a, b) => a.start - b.start)
  }

  #takeFirst(): readonly Session[] {
    const number = this.#numbers.take()
    const sessions = this.#stretches.get(number)!
    this.#stretches.delete(number)
    return sessions
  }

  /** The earliest end; null where no session is open. */
  first(): number | null {
    while (this.#stretches.size > 0) {
      const number = this.#numbers.least
      const open = this.#takeFirst().filter((session) => session.open)
      for (const session of open) this.add(session)
      if (this.#numbers.least === number) return Math.min(...this.#endsIn(number))
    }
    return null
  }

  #endsIn(number: number): readonly number[] {
    return this.#stretches.get(number)!.map(({ end }) => end)
  }
}
