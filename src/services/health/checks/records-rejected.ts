import type { AppCheck } from '../check.ts'
import { rejectionAlarm } from '../facts.ts'

/** A share of what came in does not fit the schema. Clocks that run ahead are `clock-ahead.ts`. */
export const recordsRejected: AppCheck = {
  code: 'records_rejected',
  find: ({ app, streams }) =>
    streams.flatMap((facts) => {
      const alarm = rejectionAlarm(facts)
      if (alarm === null || alarm.code === 'from_future') return []
      const repair =
        alarm.code === 'renamed_field'
          ? 'Correct the mapping where the records are made, or name the field in the schema as the records do.'
          : 'Correct the records where they are made, or the schema of the stream.'
      return [
        {
          subject: facts.stream,
          sentence: alarm.sentence,
          action: `${repair} \`mysimbdp dead-letters list --app ${app}\` shows what was rejected.`,
        },
      ]
    }),
}
