import type { JobStatus } from '#dataplane/engines/engine.ts'
import type { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { ThreadState } from './supervised-thread.ts'

/** How a thread of an app is. */
export interface ThreadReport {
  /** `standby`: another instance of the platform runs the app; with an error, that is not known and cannot be found out. */
  readonly state: ThreadState | 'standby'
  readonly error: MysimbdpError | null
  readonly restarts: number
  /** Of all failures so far, also when it runs again. */
  readonly lastError: MysimbdpError | null
}

/** `must-rebuild`: the log has lost records that a query needs, and only a rebuild lets the job go on (semantics 7.5). */
export type JobState = ThreadReport['state'] | 'must-rebuild'

export interface JobReport extends Omit<ThreadReport, 'state'> {
  readonly state: JobState
  readonly status: JobStatus
  /** Queries that are being computed anew from the log; until they have caught up their results are not whole. */
  readonly rebuilding: readonly string[]
}

export const threadReportOf = ({ state, error, restarts, lastError }: ThreadReport): ThreadReport => ({
  state,
  error,
  restarts,
  lastError,
})

/** Of a thread that does not run because its instance stands by. */
export const inStandby = <Report extends ThreadReport | JobReport>(
  report: Report,
  error: MysimbdpError | null,
): Report => ({
  ...report,
  state: 'standby',
  error,
})

export function jobReportOf(job: ThreadReport, status: JobStatus, rebuilding: readonly string[]): JobReport {
  const report = threadReportOf(job)
  const lost = report.state === 'failed' && report.error?.code === 'MSB_LOG_OFFSET_OUT_OF_RANGE'
  return { ...report, state: lost ? 'must-rebuild' : report.state, status, rebuilding }
}
