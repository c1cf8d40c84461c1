import type { AppCheck, PlatformCheck } from './check.ts'
import { appBroken } from './checks/app-broken.ts'
import { clockAhead } from './checks/clock-ahead.ts'
import { connectUnreachable } from './checks/connect-unreachable.ts'
import { connectorNotRunning } from './checks/connector-not-running.ts'
import { diskNearlyFull } from './checks/disk-nearly-full.ts'
import { ingestNotRunning } from './checks/ingest-not-running.ts'
import { jobBehind } from './checks/job-behind.ts'
import { jobNotRunning } from './checks/job-not-running.ts'
import { jobRebuilding } from './checks/job-rebuilding.ts'
import { logNearLimit } from './checks/log-near-limit.ts'
import { partitionIdle } from './checks/partition-idle.ts'
import { queryNotRunning } from './checks/query-not-running.ts'
import { recordsLate } from './checks/records-late.ts'
import { recordsRejected } from './checks/records-rejected.ts'
import { restartedOften } from './checks/restarted-often.ts'
import { rowsRefused } from './checks/rows-refused.ts'
import { stateGrowing } from './checks/state-growing.ts'
import { streamQuiet } from './checks/stream-quiet.ts'
import { threadSilent } from './checks/thread-silent.ts'
import { watermarkStuck } from './checks/watermark-stuck.ts'
import { windowOverdue } from './checks/window-overdue.ts'

/** All checks of an app, in the order in which their sentences are said: causes before consequences. A new one is a file and a line. */
export const appChecks: readonly AppCheck[] = [
  ingestNotRunning,
  jobNotRunning,
  threadSilent,
  restartedOften,
  queryNotRunning,
  recordsRejected,
  clockAhead,
  recordsLate,
  watermarkStuck,
  streamQuiet,
  partitionIdle,
  windowOverdue,
  jobBehind,
  jobRebuilding,
  connectUnreachable,
  connectorNotRunning,
  rowsRefused,
  stateGrowing,
  logNearLimit,
]

/** Checks of the platform as a whole. */
export const platformChecks: readonly PlatformCheck[] = [diskNearlyFull, appBroken]
