import type { FastifyInstance } from 'fastify'
import { quantile } from '#foundation/observability/histogram.ts'
import {
  type AppFacts,
  lastArrivalMs,
  logWatermarkMs,
  type PlatformFacts,
  type StreamFacts,
} from '#services/health/facts.ts'
import { version } from '../../version.ts'
import type { ApiContext } from '../server.ts'

/** `GET /v1/platform`: versions, the disk, and how far each app is. Times are ISO 8601 in UTC; null where there is none yet. */
export function addPlatformRoute(server: FastifyInstance, { watch }: ApiContext): void {
  server.get('/v1/platform', async () => platformDocument((await watch.look()).facts))
}

export type PlatformDocument = ReturnType<typeof platformDocument>

const platformDocument = ({ disk, thresholds, apps }: PlatformFacts) => ({
  version,
  node: process.versions.node,
  dataFolder: disk.dataFolder,
  disk: { freeBytes: disk.freeBytes, totalBytes: disk.totalBytes, reserveBytes: thresholds.diskReserveBytes },
  apps: apps.map(appDocument),
})

const appDocument = ({ app, ingest, job, streams, queries, storage }: AppFacts) => ({
  app,
  ingest: { state: ingest.state, restarts: ingest.restarts },
  job: {
    state: job.state,
    restarts: job.restarts,
    stateBytes: storage.stateBytes,
    lastCommit: isoTime(job.figures?.lastCommitMs),
    latencySeconds: { median: latency(job.figures, 0.5), p99: latency(job.figures, 0.99) },
  },
  streams: streams.map(streamDocument),
  queries: queries.map(({ query, unread, status }) => ({
    query,
    unread,
    late: status?.lateRecords ?? 0,
    closedUpTo: isoTime(status?.closedUpToMs),
  })),
})

const streamDocument = (facts: StreamFacts) => ({
  stream: facts.stream,
  records: facts.figures?.partitions.reduce((sum, { end }) => sum + end, 0) ?? null,
  logBytes: facts.logBytes,
  lastArrival: isoTime(hasArrivals(facts) ? lastArrivalMs(facts) : null),
  watermark: isoTime(logWatermarkMs(facts)),
  lastMinute: { received: facts.figures?.recent.received ?? null, rejected: facts.figures?.recent.rejected ?? null },
})

const hasArrivals = ({ figures }: StreamFacts): boolean =>
  figures?.partitions.some((partition) => partition.lastArrivalMs !== null) ?? false

/** By the buckets of the histogram: the true value is at most that; null beyond the last one. */
function latency(figures: AppFacts['job']['figures'], share: number): number | null {
  const seconds = figures === null ? null : quantile(figures.latencySeconds, share)
  return seconds === Number.POSITIVE_INFINITY ? null : seconds
}

const isoTime = (ms: number | null | undefined): string | null =>
  ms == null || !Number.isFinite(ms) ? null : new Date(ms).toISOString()
