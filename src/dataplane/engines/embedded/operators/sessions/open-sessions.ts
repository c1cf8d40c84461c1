import type { Session } from './session.ts'
import { SessionEnds } from './session-ends.ts'

/** What becomes of sessions when a record joins them. */
export interface SessionChanges {
  begin(group: number, start: number, end: number): Session
  /** The second one becomes part of the first. */
  merge(into: Session, from: Session): void
}

/**
 * The open sessions of each group by start, which is also by end: a record that is not late begins later than any session that is past for it, and joins every
 * other one that it meets.
 */
export class OpenSessions {
  readonly #gapMs: number
  readonly #changes: SessionChanges
  readonly #ofGroup: (Session[] | undefined)[] = []
  readonly #ends: SessionEnds

  constructor(gapMs: number, changes: SessionChanges) {
    this.#gapMs = gapMs
    this.#changes = changes
    this.#ends = new SessionEnds(gapMs)
  }

  /** The session that a record is in (semantics 3.5), which is not late: those that it meets and that are not past for it become one, or a new one begins. */
  join(group: number, time: number, watermark: number): Session {
    const end = time + this.#gapMs
    const sessions = (this.#ofGroup[group] ??= [])
    const from = firstMet(sessions, time, watermark)
    let to = from
    while (to < sessions.length && sessions[to]!.start <= end) to++
    if (from === to) return this.#begin(sessions, from, group, time)
    const joined = sessions[from]!
    joined.start = Math.min(joined.start, time)
    joined.end = Math.max(sessions[to - 1]!.end, end)
    for (let i = from + 1; i < to; i++) {
      sessions[i]!.open = false
      this.#changes.merge(joined, sessions[i]!)
    }
    if (to > from + 1) sessions.splice(from + 1, to - from - 1)
    return joined
  }

  #begin(sessions: Session[], at: number, group: number, time: number): Session {
    const session = this.#changes.begin(group, time, time + this.#gapMs)
    if (at === sessions.length) sessions.push(session)
    else sessions.splice(at, 0, session)
    this.#ends.add(session)
    return session
  }

  /** Takes out the sessions that end at or before a time, by start. */
  takeEnded(ms: number): readonly Session[] {
    const ended = this.#ends.takeUpTo(ms)
    for (const group of new Set(ended.map((session) => session.group))) {
      const left = this.#ofGroup[group]!.filter(({ end }) => end > ms)
      this.#ofGroup[group] = left.length === 0 ? undefined : left
    }
    return ended
  }

  /** The earliest end; null where no session is open. */
  firstEnd(): number | null {
    return this.#ends.first()
  }

  restore(sessions: readonly Session[]): void {
    for (const session of [...sessions].sort((a, b) => a.start - b.start)) {
      const ofGroup = (this.#ofGroup[session.group] ??= [])
      ofGroup.push(session)
      this.#ends.add(session)
    }
  }
}

/** The first session that reaches a time and is not past. Most records are at the end of all sessions, or behind it. */
function firstMet(sessions: readonly Session[], time: number, watermark: number): number {
  const reaches = ({ end }: Session): boolean => end >= time && end > watermark
  let [low, high] = [0, sessions.length]
  if (high === 0 || !reaches(sessions[high - 1]!)) return high
  while (low < high) {
    const middle = (low + high) >> 1
    if (reaches(sessions[middle]!)) high = middle
    else low = middle + 1
  }
  return low
}
