import { app, count, schema, session, stream, string, timestamp } from 'mysimbdp'

/** Nothing is late in a bounded run: records of one session may come in any order, however far apart. */
export const rules = ['2.8', '3.5']
export const end = 'bounded'
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
