import type { Finding } from '../health/check.ts'
import { appChecks, platformChecks } from '../health/checks.ts'
import type { HealthStatus } from '../health/health-report.ts'
import type { Metric, Sample } from './metric.ts'

const LEVEL: { readonly [S in HealthStatus]: number } = { ok: 0, degraded: 1, failed: 2 }

/** What `GET /health` says, to alert on; and the disk. */
export const healthMetrics: readonly Metric[] = [
  {
    name: 'mysimbdp_health_status',
    help: 'How the app is: 0 well, 1 something is wrong, 2 something has failed. GET /health says what, in sentences',
    type: 'gauge',
    labels: ['app'],
    samples: ({ health }) => health.apps.map(({ app, status }) => ({ labels: { app }, value: LEVEL[status] })),
  },
  {
    name: 'mysimbdp_health_platform_status',
    help: 'The same for the platform with all its apps: the worst of all',
    type: 'gauge',
    labels: [],
    samples: ({ health }) => [{ labels: {}, value: LEVEL[health.status] }],
  },
  {
    name: 'mysimbdp_health_findings',
    help: 'What is wrong, by code: how many streams, queries or threads have it; app is empty for the platform as a whole',
    type: 'gauge',
    labels: ['app', 'code'],
    samples: ({ health }) => [
      ...findingCounts('', health.findings, platformChecks),
      ...health.apps.flatMap(({ app, findings }) => findingCounts(app, findings, appChecks)),
    ],
  },
  {
    name: 'mysimbdp_disk_free_bytes',
    help: 'Free space of the disk that holds the data folder',
    type: 'gauge',
    labels: [],
    samples: ({ facts }) => [{ labels: {}, value: facts.disk.freeBytes }],
  },
  {
    name: 'mysimbdp_disk_reserve_bytes',
    help: 'Free space below which health says that the disk is nearly full',
    type: 'gauge',
    labels: [],
    samples: ({ facts }) => [{ labels: {}, value: facts.thresholds.diskReserveBytes }],
  },
]

/** Every code is there, so that an alert rule has something to look at before the first finding. */
const findingCounts = (
  app: string,
  findings: readonly Finding[],
  checks: readonly { readonly code: string }[],
): readonly Sample<number>[] =>
  checks.map(({ code }) => ({ labels: { app, code }, value: findings.filter((one) => one.code === code).length }))
