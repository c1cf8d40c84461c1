import type { AppCheck, Observation } from '../check.ts'
import { type AppFacts, isRecovering } from '../facts.ts'
import { failureText, spanText } from '../wording.ts'

/** No records can be taken. */
export const ingestNotRunning: AppCheck = {
  code: 'ingest_not_running',
  find: (facts) => {
    const observation = observe(facts)
    return observation === null ? [] : [observation]
  },
}

function observe({ ingest, nowMs, thresholds }: AppFacts): Observation | null {
  const { state, error, restarts, stateSinceMs } = ingest
  const forMs = nowMs - stateSinceMs
  const reason = failureText(error)
  if (state === 'failed')
    return {
      severity: 'failed',
      sentence: `ingest has stopped for good, so records are refused and the job does not run: ${reason}`,
      action: `${error?.hint ?? ''} Then start the platform again.`.trim(),
    }
  if (state === 'standby')
    return error === null
      ? null
      : {
          sentence: `whether this instance runs the app or stands by cannot be found out, so it does neither: ${reason}`,
          action: error.hint,
        }
  if (isRecovering(ingest))
    return {
      sentence: `ingest failed and is being started again (attempt ${restarts}); records are refused until then: ${reason}`,
      action: `Nothing, if it runs again soon: senders that try again lose nothing. ${error?.hint ?? ''}`.trim(),
    }
  if (state === 'running' || forMs < thresholds.startingMs) return null
  return {
    sentence: `ingest has been ${state} for ${spanText(forMs)}, and records are refused`,
    action: 'Look at the load of the machine and at the disk; a large log takes time to open.',
  }
}
