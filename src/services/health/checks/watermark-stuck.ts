import type { AppCheck } from '../check.ts'
import { recordsText, spanText, timeText } from '../wording.ts'

/** Records are accepted, and the newest event time does not move: often one record far ahead of all others. */
export const watermarkStuck: AppCheck = {
  code: 'watermark_stuck',
  find: ({ streams, thresholds, nowMs, timeZone }) =>
    streams.flatMap(({ stream, figures, maxFutureSkewMs, watermarkDelayMs }) => {
      if (watermarkDelayMs === null) return []
      return (figures?.partitions ?? []).flatMap((partition) => {
        const { maxEventTimeMs, maxEventTimeMovedMs, acceptedSinceMoved, lastArrivalMs } = partition
        const stuckMs = nowMs - maxEventTimeMovedMs
        const arrives = lastArrivalMs !== null && nowMs - lastArrivalMs < thresholds.watermarkStuckMs
        if (!arrives || acceptedSinceMoved === 0 || stuckMs < thresholds.watermarkStuckMs) return []
        const ahead = maxEventTimeMs > nowMs ? `, ${spanText(maxEventTimeMs - nowMs)} in the future` : ''
        const guard =
          maxFutureSkewMs === null
            ? `Give stream '${stream}' a maxFutureSkew, so that a record from the future is rejected, and rebuild the app from corrected records. `
            : ''
        return [
          {
            subject: figures!.partitions.length === 1 ? stream : `${stream}/${partition.partition}`,
            sentence:
              `the watermark of stream '${stream}' has not moved for ${spanText(stuckMs)}, although ${recordsText(acceptedSinceMoved, ['was', 'were'])} accepted since: ` +
              `the newest event time is ${timeText(maxEventTimeMs, timeZone)}${ahead}, and nothing since is newer, so no window closes`,
            action: `${guard}Look for one record with a wrong time far ahead of the others, or for a source that sends the past again.`,
          },
        ]
      })
    }),
}
