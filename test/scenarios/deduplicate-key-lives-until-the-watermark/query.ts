import { app, schema, stream, string, timestamp } from 'mysimbdp'

/** The key `a` lives until the watermark is 110,000. At 109,999 a second record is a duplicate, at 110,000 it is a first one again. */
export const rules = ['3.6', '5.4']
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
    q: readings
      .deduplicate('id')
      .select((row) => ({ id: row.id }))
      .output('append'),
  },
)
