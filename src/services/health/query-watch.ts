import { type QueryPlan, sourceOf } from '#language/plan/plan.ts'
import type { QueryFigures } from '../live/job-counters.ts'
import { logWatermarkMs, type QueryFacts, type StreamFacts } from './facts.ts'

/** How far back trends look, ms. */
const TREND_MS = 60_000

interface Sample {
  readonly atMs: number
  /** Offsets of all partitions together. */
  readonly read: number
  readonly late: number
  readonly unread: number | null
}

/** Remembers how a query went on, so that facts can say since when, and how much in the last minute. */
export class QueryWatch {
  #samples: Sample[] = []
  #unreadSinceMs: number | null = null
  #readNothingSinceMs: number | null = null
  #overdue: { readonly windowEndMs: number; readonly sinceMs: number } | null = null

  /** Looks at the query as it is now; answers what is known of it. */
  look(
    query: QueryPlan,
    {
      status,
      figures,
      stream,
      nowMs,
    }: {
      readonly status: QueryFacts['status']
      readonly figures: QueryFigures | null
      readonly stream: StreamFacts
      readonly nowMs: number
    },
  ): QueryFacts {
    const read = status?.positions.reduce((sum, { offset }) => sum + offset, 0) ?? 0
    const now: Sample = {
      atMs: nowMs,
      read,
      late: status?.remote?.droppedGroups ?? status?.lateRecords ?? 0,
      unread: unreadOf(status, stream),
    }
    const before = this.#take(now)
    return {
      query: query.name,
      stream: sourceOf(query.output).stream,
      mode: query.output.mode,
      status,
      figures,
      unread: now.unread,
      unreadBefore: before.unread,
      unreadSinceMs: this.#unreadSinceMs,
      readNothingSinceMs: this.#readNothingSinceMs ?? nowMs,
      recentRead: read - before.read,
      recentLate: now.late - before.late,
      overdueSinceMs: query.output.mode === 'append' ? this.#overdueSince(status, stream, nowMs) : null,
    }
  }

  /** Answers the sample to compare with: the first of the last minute. */
  #take(now: Sample): Sample {
    const last = this.#samples.at(-1)
    // Computed anew, the query reads and counts from the start.
    if (last !== undefined && (now.read < last.read || now.late < last.late)) this.#samples = []
    if (last === undefined || now.read !== last.read) this.#readNothingSinceMs = now.atMs
    this.#unreadSinceMs = now.unread === null || now.unread === 0 ? null : (this.#unreadSinceMs ?? now.atMs)
    this.#samples = [...this.#samples.filter(({ atMs }) => atMs >= now.atMs - TREND_MS), now]
    return this.#samples[0]!
  }

  /** Since when the watermark of the log has been past the end of the window that is open. */
  #overdueSince(status: QueryFacts['status'], stream: StreamFacts, nowMs: number): number | null {
    const windowEndMs = status?.openWindowEndMs ?? null
    if (windowEndMs === null || windowEndMs > logWatermarkMs(stream)) this.#overdue = null
    else if (this.#overdue?.windowEndMs !== windowEndMs) this.#overdue = { windowEndMs, sinceMs: nowMs }
    return this.#overdue?.sinceMs ?? null
  }
}

function unreadOf(status: QueryFacts['status'], { figures }: StreamFacts): number | null {
  if (status === null || figures === null) return null
  const unread = figures.partitions.map(({ partition, start, end }) => {
    const offset = status.positions.find((position) => position.partition === partition)?.offset ?? start
    return Math.max(end - offset, 0)
  })
  return unread.reduce((sum, count) => sum + count, 0)
}
