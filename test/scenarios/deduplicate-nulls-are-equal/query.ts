import { app, decimal, schema, stream, string, timestamp } from 'mysimbdp'

/** Keys of several fields: null equals null and nothing else, and numbers are equal by value. */
export const rules = ['3.6', '4.1']
export const gaps = { duckdb: 'one SQL query does not follow which keys still live' }

const readings = stream('readings', {
  schema: schema('reading', { id: string().nullable(), fare: decimal(6, 2).nullable(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings
      .deduplicate('id', 'fare')
      .select((row) => ({ id: row.id, fare: row.fare }))
      .output('append'),
  },
)
