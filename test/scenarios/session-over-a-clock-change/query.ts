import { app, count, schema, session, stream, string, timestamp } from 'mysimbdp'

/** From 01:55 to 03:12 local time is 17 minutes on the day the clocks go forward. */
export const rules = ['3.5', '6.2']
export const gaps = { duckdb: 'one SQL query does not follow which sessions are still open' }

const readings = stream('readings', {
  schema: schema('reading', { id: string(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'America/Chicago' },
  {
    q: readings.window(session('10 minutes')).aggregate({ n: count() }).output('append'),
  },
)
