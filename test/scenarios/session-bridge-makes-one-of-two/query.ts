import { app, count, first, int, last, max, schema, session, stream, string, sum, timestamp } from 'mysimbdp'

/** A record between two sessions joins both: with a watermark of 5,000 the first, which ends at 10,000, is not past. */
export const rules = ['3.5']
export const gaps = { duckdb: 'one SQL query does not follow which sessions are still open' }

const readings = stream('readings', {
  schema: schema('reading', { id: string(), at: timestamp(), v: int() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings
      .window(session('10 seconds'))
      .aggregate({ n: count(), total: sum('v'), greatest: max('v'), first: first('id'), last: last('id') })
      .output('append'),
  },
)
