import type { AppCheck } from '../check.ts'
import { logWatermarkMs, streamOf } from '../facts.ts'
import { recordsText, spanText, timeText } from '../wording.ts'

/** The watermark of the log has passed the end of a window that has records, and the job has not closed it. */
export const windowOverdue: AppCheck = {
  code: 'window_overdue',
  find: (facts) =>
    facts.queries.flatMap((query) => {
      if (facts.job.wanted === 'stopped' || query.overdueSinceMs === null) return []
      const { stream, watermarkDelayMs } = streamOf(facts, query)
      const overdueMs = facts.nowMs - query.overdueSinceMs
      if (overdueMs < facts.thresholds.overdueMs) return []
      const { timeZone } = facts
      const end = timeText(query.status!.openWindowEndMs!, timeZone)
      const unread =
        query.unread === null || query.unread === 0 ? '' : `; ${recordsText(query.unread, ['is', 'are'])} unread`
      return [
        {
          subject: query.query,
          sentence:
            `query '${query.query}' has written no row for its window ending ${end}, which has records: the watermark of stream '${stream}' passed that end ` +
            `${spanText(overdueMs)} ago and stands at ${timeText(logWatermarkMs(streamOf(facts, query)), timeZone)}${unread}`,
          action: `The job reads or commits too slowly, or hangs: look at its other sentences, at the load of the machine and at the disk; \`mysimbdp jobs stop ${facts.app}\` and \`start\` begin it anew without losing anything. The watermark delay of ${spanText(watermarkDelayMs ?? 0)} is not the cause.`,
        },
      ]
    }),
}
