import { app, calendar, count, schema, stream, string, timestamp } from 'mysimbdp'

/** The day of 25 hours is open until the watermark reaches 06:00Z, not 05:00Z. */
export const rules = ['3.3', '2.3']

const readings = stream('readings', {
  schema: schema('reading', { id: string(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'America/Chicago' },
  {
    q: readings.window(calendar('day')).aggregate({ n: count() }).output('update'),
  },
)
