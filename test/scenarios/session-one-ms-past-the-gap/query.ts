import { app, count, schema, session, stream, string, timestamp } from 'mysimbdp'

/** The first two touch in one instant and are one session. The third comes 1 ms after its end. */
export const rules = ['3.1', '3.5']
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
