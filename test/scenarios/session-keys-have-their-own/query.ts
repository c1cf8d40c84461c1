import { app, count, int, schema, session, stream, string, timestamp } from 'mysimbdp'

/** Each group has sessions of its own; null is a group, and keys are escaped. */
export const rules = ['3.5', '4.1', '6.4', '6.5']
export const gaps = { duckdb: 'one SQL query does not follow which sessions are still open' }

const readings = stream('readings', {
  schema: schema('reading', { id: string().nullable(), site: int(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings.window(session('10 seconds')).groupBy('id', 'site').aggregate({ n: count() }).output('append'),
  },
)
