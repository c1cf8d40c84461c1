import { app, count, schema, session, stream, string, timestamp } from 'mysimbdp'

/** Sessions that touch are one: 1000, 5000 and 15000 with a gap of 10 s; 40000 is another. */
export const rules = ['3.5']
export const gaps = { duckdb: 'one SQL query does not follow which sessions are still open' }

const readings = stream('readings', {
  schema: schema('reading', { id: string(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings.window(session('10 seconds')).aggregate({ n: count() }).output('append'),
  },
)
