import { app, int, schema, stream, string, timestamp } from 'mysimbdp'

/** The first record in the order of offsets counts, although the second has an earlier event time. */
export const rules = ['3.6']
export const gaps = { duckdb: 'one SQL query does not follow which keys still live' }

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
      .deduplicate('id')
      .select((row) => ({ v: row.v }))
      .output('append'),
  },
)
