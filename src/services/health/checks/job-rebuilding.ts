import type { AppCheck } from '../check.ts'
import { recordsText } from '../wording.ts'

/** Results of queries that are computed anew are not whole yet. */
export const jobRebuilding: AppCheck = {
  code: 'job_rebuilding',
  find: ({ job, queries }) =>
    job.rebuilding.map((name) => {
      const unread = queries.find(({ query }) => query === name)?.unread ?? null
      const left = unread === null ? '' : `; ${recordsText(unread, ['is', 'are'])} left to read`
      return {
        subject: name,
        sentence: `query '${name}' is being computed anew from the log, and its results are not whole until it has caught up${left}`,
        action: 'Wait until it has caught up.',
      }
    }),
}
