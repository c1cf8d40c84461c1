import { app, count, schema, session, stream, string, timestamp } from 'mysimbdp'

/** For the second partition, which has no watermark yet, the session of the first is not past, whichever is read first. */
export const rules = ['2.4', '3.5', '3.7']
export const gaps = { duckdb: 'one SQL query does not follow which sessions are still open' }

const readings = stream('readings', {
  schema: schema('reading', { id: string(), at: timestamp() }),
  eventTime: 'at',
  watermark: '5 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings.window(session('10 seconds')).aggregate({ n: count() }).output('append'),
  },
)
