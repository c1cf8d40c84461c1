import type { AppCheck, Observation } from '../check.ts'
import { type AppFacts, isRecovering } from '../facts.ts'
import { failureText, spanText } from '../wording.ts'

/** The job does not run, for whatever reason. */
export const jobNotRunning: AppCheck = {
  code: 'job_not_running',
  find: (facts) => {
    const observation = observe(facts)
    return observation === null ? [] : [observation]
  },
}

function observe({ app, job, ingest, nowMs, thresholds }: AppFacts): Observation | null {
  const { state, error, restarts, stateSinceMs, wanted } = job
  const forMs = nowMs - stateSinceMs
  const reason = failureText(error)
  switch (isRecovering(job) ? 'recovering' : state) {
    case 'running':
    case 'standby':
      return null
    case 'failed':
      return {
        severity: 'failed',
        sentence: `the job has stopped for good: ${reason}`,
        action:
          `${error?.hint ?? ''} Then \`mysimbdp jobs start ${app}\`; ingest goes on meanwhile, and nothing is lost.`.trim(),
      }
    case 'must-rebuild':
      return {
        severity: 'failed',
        sentence: `the job has stopped until its queries are computed anew: ${reason}`,
        action: `\`mysimbdp jobs rebuild ${app}\` computes them from what the log still holds; give the stream a longer retention if jobs may stand still for so long.`,
      }
    case 'recovering':
      return {
        sentence: `the job failed and is being started again (attempt ${restarts}): ${reason}`,
        action: `Nothing, if it runs again soon. ${error?.hint ?? ''}`.trim(),
      }
    case 'starting':
      if (forMs < thresholds.startingMs) return null
      return {
        sentence: `the job has been starting for ${spanText(forMs)} and has not read anything yet`,
        action: 'Look at the load of the machine and at the disk; a large state file takes time to open.',
      }
    case 'stopped':
      if (wanted === 'running' && ingest.state !== 'running') return null
      if (wanted === 'running' && forMs < thresholds.startingMs) return null
      return {
        sentence: `the job has been stopped for ${spanText(forMs)}: records are taken and wait in the log, results do not change`,
        action: `\`mysimbdp jobs start ${app}\` lets it go on where it stopped.`,
      }
  }
}
