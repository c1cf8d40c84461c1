import { rejectionSentence } from '../../runs/rejection-sentence.ts'
import type { AppCheck } from '../check.ts'

/** A share of what came in does not fit the schema. Clocks that run ahead are `clock-ahead.ts`. */
export const recordsRejected: AppCheck = {
  code: 'records_rejected',
  find: ({ app, streams }) =>
    streams.flatMap(({ stream, figures }) => {
      if (figures === null || figures.recent.mainReason?.code === 'from_future') return []
      const sentence = rejectionSentence(stream, figures.recent, ' in the last minute')
      if (sentence === null) return []
      const renamed = figures.recent.mainReason?.code === 'renamed_field'
      const repair = renamed
        ? 'Correct the mapping where the records are made, or name the field in the schema as the records do.'
        : 'Correct the records where they are made, or the schema of the stream.'
      return [
        {
          subject: stream,
          sentence,
          action: `${repair} \`mysimbdp dead-letters list --app ${app}\` shows what was rejected.`,
        },
      ]
    }),
}
