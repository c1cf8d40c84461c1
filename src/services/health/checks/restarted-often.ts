import type { AppCheck } from '../check.ts'
import { failureText, spanText } from '../wording.ts'

/** A thread runs, and fails over and over: each time it seems well again. */
export const restartedOften: AppCheck = {
  code: 'restarted_often',
  find: ({ ingest, job, thresholds }) =>
    (
      [
        ['the job', job],
        ['ingest', ingest],
      ] as const
    )
      .filter(([, { recentRestarts }]) => recentRestarts >= thresholds.restarts)
      .map(([name, { recentRestarts, lastError }]) => ({
        subject: name,
        sentence: `${name} was started again ${recentRestarts === 1 ? 'once' : `${recentRestarts} times`} in the last ${spanText(thresholds.restartsMs)}; the last failure: ${failureText(lastError)}`,
        action: lastError?.hint ?? 'Look at the load of the machine and at the disk.',
      })),
}
