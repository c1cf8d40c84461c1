import type { RejectedRecord, Rejection } from '#dataplane/records/record-batch.ts'
import type { Clock } from '#foundation/time/clock.ts'
import type { InputCounts } from '../runs/rejection-sentence.ts'

/** How far back `recent` looks. */
export const RECENT_SECONDS = 60
/** Reasons that are told apart in one second: a reason may contain a name that a sender chose, and senders choose without end. */
const REASONS_PER_SECOND = 100

/** What a stream received since the platform started, and in each of the last seconds. */
export interface InputStats extends InputCounts {
  readonly sinceStart: { readonly received: number; readonly rejected: number }
  /** One entry for each of the last RECENT_SECONDS full seconds, oldest first. */
  readonly perSecond: { readonly received: readonly number[]; readonly rejected: readonly number[] }
}

interface Second {
  readonly second: number
  received: number
  rejected: number
  readonly reasons: Map<string, { readonly rejection: Rejection; count: number }>
}

/** Counts by second, for health. Beyond `REASONS_PER_SECOND` a rejected record is counted without its reason. */
export class RecentInputCounter {
  readonly #clock: Clock
  #seconds: Second[] = []
  #received = 0
  #rejected = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(accepted: number, rejected: readonly RejectedRecord[]): void {
    const now = this.#now()
    now.received += accepted + rejected.length
    now.rejected += rejected.length
    this.#received += accepted + rejected.length
    this.#rejected += rejected.length
    for (const { rejection } of rejected) {
      const reason = `${rejection.code} ${rejection.field} ${rejection.code === 'renamed_field' ? rejection.found : ''}`
      const known = now.reasons.get(reason)
      if (known !== undefined) known.count++
      else if (now.reasons.size < REASONS_PER_SECOND) now.reasons.set(reason, { rejection, count: 1 })
    }
  }

  get recent(): InputCounts {
    this.#forgetOld()
    const counts = new Map<string, { rejection: Rejection; count: number }>()
    let [received, rejected] = [0, 0]
    for (const second of this.#seconds) {
      received += second.received
      rejected += second.rejected
      for (const [reason, { rejection, count }] of second.reasons)
        counts.set(reason, { rejection, count: count + (counts.get(reason)?.count ?? 0) })
    }
    const reasons = [...counts.values()].sort((a, b) => b.count - a.count)
    return {
      received,
      rejected,
      mainReason: reasons[0]?.rejection ?? null,
    }
  }

  get stats(): InputStats {
    const first = Math.floor(this.#clock.nowMs() / 1000) - RECENT_SECONDS
    const bySecond = new Map(this.#seconds.map((one) => [one.second, one]))
    const series = (key: 'received' | 'rejected'): readonly number[] =>
      Array.from({ length: RECENT_SECONDS }, (_, i) => bySecond.get(first + i)?.[key] ?? 0)
    return {
      ...this.recent,
      sinceStart: { received: this.#received, rejected: this.#rejected },
      perSecond: { received: series('received'), rejected: series('rejected') },
    }
  }

  #now(): Second {
    const second = Math.floor(this.#clock.nowMs() / 1000)
    let last = this.#seconds.at(-1)
    if (last?.second !== second) {
      this.#forgetOld()
      this.#seconds.push((last = { second, received: 0, rejected: 0, reasons: new Map() }))
    }
    return last
  }

  #forgetOld(): void {
    const oldest = Math.floor(this.#clock.nowMs() / 1000) - RECENT_SECONDS
    this.#seconds = this.#seconds.filter(({ second }) => second >= oldest)
  }
}
