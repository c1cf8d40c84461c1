import { app, count, schema, session, stream, string, timestamp } from 'mysimbdp'

/** A session comes out when the watermark reaches its end, 15,000. The second is open. */
export const rules = ['2.4', '3.5', '5.1']
export const end = 'open'
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
