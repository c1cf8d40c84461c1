import { healthMetrics } from './health-metrics.ts'
import { ingestMetrics } from './ingest-metrics.ts'
import { jobMetrics } from './job-metrics.ts'
import { logMetrics } from './log-metrics.ts'
import type { Metric } from './metric.ts'
import { queryMetrics } from './query-metrics.ts'
import { remoteQueryMetrics } from './remote-query-metrics.ts'

/** Every metric of the platform's own. `docs/reference/metrics.md` is generated from it. */
export const metrics: readonly Metric[] = [
  ...healthMetrics,
  ...ingestMetrics,
  ...logMetrics,
  ...jobMetrics,
  ...queryMetrics,
  ...remoteQueryMetrics,
]
