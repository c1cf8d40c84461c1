import type { AppCheck } from '../check.ts'
import { lastArrivalMs } from '../facts.ts'
import { spanText, timeText } from '../wording.ts'

/** Nothing arrives, so no watermark moves, and windows with records wait for it. */
export const streamQuiet: AppCheck = {
  code: 'stream_quiet',
  find: ({ streams, queries, thresholds, nowMs, timeZone }) =>
    streams.flatMap((facts) => {
      const { stream, closeWhenIdle } = facts
      const arrivalMs = lastArrivalMs(facts)
      const waiting = queries.filter(
        (query) => query.stream === stream && query.mode === 'append' && query.status?.openWindowEndMs != null,
      )
      if (arrivalMs === null || nowMs - arrivalMs < thresholds.quietMs || waiting.length === 0 || closeWhenIdle)
        return []
      const names = waiting.map(({ query }) => `'${query}'`).join(', ')
      const firstEndMs = Math.min(...waiting.map(({ status }) => status!.openWindowEndMs!))
      return [
        {
          subject: stream,
          sentence:
            `no record of stream '${stream}' has arrived for ${spanText(nowMs - arrivalMs)}, and windows with records wait for the next one to close: ` +
            `of ${names}, the first ending ${timeText(firstEndMs, timeZone)}`,
          action: `Look whether the source still sends. If it pauses by nature, idleTimeout with closeWhenIdle on stream '${stream}' closes windows by the clock meanwhile.`,
        },
      ]
    }),
}
