import type { AppCheck, Observation } from '../check.ts'
import type { AppFacts, QueryFacts } from '../facts.ts'
import { countText, recordsText, spanText } from '../wording.ts'

/** Records wait in the log: the job reads more slowly than they come, or does not read at all. */
export const jobBehind: AppCheck = {
  code: 'job_behind',
  find: (facts) =>
    facts.queries.flatMap((query) => {
      const observation = standsStill(facts, query) ?? fallsBehind(facts, query)
      return observation === null ? [] : [{ subject: query.query, ...observation }]
    }),
}

function standsStill({ app, job, thresholds, nowMs }: AppFacts, query: QueryFacts): Observation | null {
  const { unread, unreadSinceMs, readNothingSinceMs } = query
  if (job.state !== 'running' || unread === null || unread === 0 || unreadSinceMs === null) return null
  const forMs = nowMs - Math.max(unreadSinceMs, readNothingSinceMs)
  if (forMs < thresholds.notReadingMs) return null
  return {
    sentence: `query '${query.query}' has read nothing for ${spanText(forMs)}, although ${recordsText(unread, ['waits', 'wait'])} in the log of stream '${query.stream}'`,
    action: `Look at the load of the machine and at the disk; \`mysimbdp jobs stop ${app}\` and \`start\` begin the job anew without losing anything.`,
  }
}

function fallsBehind({ job, thresholds, nowMs }: AppFacts, query: QueryFacts): Observation | null {
  const { unread, unreadBefore, unreadSinceMs } = query
  if (unread === null || unread < thresholds.behindRecords || job.rebuilding.includes(query.query)) return null
  if (unreadSinceMs === null || nowMs - unreadSinceMs < thresholds.behindMs) return null
  const grows = unreadBefore !== null && unread > unreadBefore
  return {
    sentence: `query '${query.query}' is ${recordsText(unread)} behind the log of stream '${query.stream}'${trendOf(unread, unreadBefore)}, so its results are late`,
    action: grows
      ? 'Records come faster than this machine computes them: give the job more of the machine, send less, or let it catch up in a quieter hour. Nothing is lost meanwhile.'
      : 'Wait until it has caught up.',
  }
}

/** Nothing is said where nothing is known of a minute ago, as when the job has just been stopped or started. */
function trendOf(unread: number, unreadBefore: number | null): string {
  if (unreadBefore === null || unread === unreadBefore) return ''
  return unread > unreadBefore
    ? ` and falls further behind (${countText(unreadBefore)} a minute ago)`
    : ' and is catching up'
}
