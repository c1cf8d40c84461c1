import { app, count, schema, session, stream, string, timestamp } from 'mysimbdp'

/** The same where the session came out before the record was read. */
export const rules = ['3.5']
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
    q: readings.window(session('10 seconds')).groupBy('id').aggregate({ n: count() }).output('append'),
  },
)
