import { app, calendar, count, schema, stream, string, timestamp } from 'mysimbdp'

/** 14 April 2024 is a Sunday, the 15th a Monday. */
export const rules = ['3.3']

const readings = stream('readings', {
  schema: schema('reading', { id: string(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings.window(calendar('week')).aggregate({ n: count() }).output('append'),
  },
)
