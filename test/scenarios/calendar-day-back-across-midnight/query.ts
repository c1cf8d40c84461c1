import { app, calendar, count, schema, stream, string, timestamp } from 'mysimbdp'

/**
 * In Newfoundland the clock went back from 00:01 on 29 October 2006 (02:31Z) to 23:01 on the 28th: the repeated
 * minutes belong to the 29th, which began at 02:30Z.
 */
export const rules = ['3.3']

const readings = stream('readings', {
  schema: schema('reading', { id: string(), at: timestamp() }),
  eventTime: 'at',
  watermark: '2 days',
})

export default app(
  'scenario',
  { timeZone: 'America/St_Johns' },
  {
    q: readings.window(calendar('day')).aggregate({ n: count() }).output('update'),
  },
)
