import { app, calendar, count, schema, stream, string, timestamp } from 'mysimbdp'

/** 10 March 2024 in Chicago has 23 hours: 06:00Z to 05:00Z. */
export const rules = ['3.3', '3.1', '6.2']

const readings = stream('readings', {
  schema: schema('reading', { id: string(), at: timestamp() }),
  eventTime: 'at',
  watermark: '2 days',
})

export default app(
  'scenario',
  { timeZone: 'America/Chicago' },
  {
    q: readings.window(calendar('day')).aggregate({ n: count() }).output('update'),
  },
)
