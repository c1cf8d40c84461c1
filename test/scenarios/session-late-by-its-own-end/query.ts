import { app, count, schema, session, stream, string, timestamp } from 'mysimbdp'

/** The watermark is 10,000. Alone, the session of a record at 5,000 would end there: late. One ms later it would not. */
export const rules = ['2.3', '3.5']
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
    q: readings.window(session('5 seconds')).aggregate({ n: count() }).output('append'),
  },
)
