import type { FastifyInstance } from 'fastify'
import { type QueryPlan, sourceOf } from '#language/plan/plan.ts'
import { formatTimestamp } from '#language/schemas/value-text.ts'
import type { StreamStats } from '#services/live/ingest-thread.ts'
import type { LiveApp } from '#services/live/live-app.ts'
import { reasonText } from '#services/runs/rejection-sentence.ts'
import type { ApiContext } from '../server.ts'
import { findApp } from './apps.ts'

interface StatsRoute {
  readonly Params: { readonly app: string }
}

/** `GET /v1/apps/{app}/stats`: what came in, what was rejected or late, and how far the job is behind, as numbers. */
export function addStatsRoute(server: FastifyInstance, { platform }: ApiContext): void {
  server.get<StatsRoute>('/v1/apps/:app/stats', async ({ params }) => {
    const live = findApp(platform, params.app)
    const streams = await live.inputStats()
    return {
      app: params.app,
      job: { state: live.job.state, restarts: live.job.restarts },
      streams: Object.fromEntries([...streams].map(([name, stats]) => [name, streamStats(stats)])),
      queries: Object.fromEntries(
        live.app.plan.queries.map((query) => {
          const connector = platform.connectorFacts(params.app).find((facts) => facts.query === query.name)
          return [query.name, { ...queryStats(query, live, streams), refused: connector?.deadLetters ?? 0 }]
        }),
      ),
    }
  })
}

/** Counts since the platform started, of the last minute, and of each of its seconds, oldest first. */
const streamStats = ({ received, rejected, mainReason, sinceStart, perSecond, logEnd }: StreamStats) => ({
  logEnd,
  sinceStart: { ...sinceStart, accepted: sinceStart.received - sinceStart.rejected },
  lastMinute: {
    received,
    rejected,
    accepted: received - rejected,
    mainReason: mainReason === null ? null : reasonText(mainReason),
  },
  perSecond: {
    accepted: perSecond.received.map((all, i) => all - perSecond.rejected[i]!),
    rejected: perSecond.rejected,
  },
})

/** Late records of all time, groups that another server has dropped as late, records the query has not read yet, and the newest event time it has seen. */
function queryStats({ name, output }: QueryPlan, { app, job }: LiveApp, streams: ReadonlyMap<string, StreamStats>) {
  const status = job.status.queries.find(({ query }) => query === name)
  const stream = streams.get(sourceOf(output).stream)
  const read = status?.positions.reduce((sum, { offset }) => sum + offset, 0) ?? 0
  const newestMs = Math.max(...(status?.positions ?? []).map(({ maxEventTime }) => maxEventTime))
  return {
    late: status?.lateRecords ?? 0,
    lateGroups: status?.remote?.droppedGroups ?? null,
    unread: Math.max((stream?.logEnd ?? 0) - read, 0),
    newestEventTime: Number.isFinite(newestMs) ? formatTimestamp(newestMs, app.plan.timeZone) : null,
  }
}
