import type { AppCheck } from '../check.ts'
import { rejectionAlarm } from '../facts.ts'
import { spanText } from '../wording.ts'

/** Most rejected records lie in the future: a clock problem, not one of the records' form. */
export const clockAhead: AppCheck = {
  code: 'clock_ahead',
  find: ({ streams }) =>
    streams.flatMap((facts) => {
      const { stream, maxFutureSkewMs } = facts
      const alarm = rejectionAlarm(facts)
      if (alarm?.code !== 'from_future') return []
      const limit = maxFutureSkewMs === null ? '' : ` by more than ${spanText(maxFutureSkewMs)}`
      return [
        {
          subject: stream,
          sentence: `${alarm.sentence}; most of them are ahead of the clock of this machine${limit}, so one of the two clocks is wrong, or the times are in another zone`,
          action: `Compare the clock of the sender with this machine's, and the zone its times are in; maxFutureSkew of stream '${stream}' says how far ahead a record may be.`,
        },
      ]
    }),
}
