import { app, count, schema, session, stream, string, timestamp } from 'mysimbdp'

/** The duplicate at 109,000 does not lengthen the session. */
export const rules = ['3.5', '3.6']
export const gaps = { duckdb: 'one SQL query does not follow which keys still live' }

const readings = stream('readings', {
  schema: schema('reading', { id: string(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings.deduplicate('id').window(session('10 seconds')).aggregate({ n: count() }).output('append'),
  },
)
