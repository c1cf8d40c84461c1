import { app, schema, stream, string, timestamp } from 'mysimbdp'

/** In a bounded run the watermark stays where it is: a key lives to the end. */
export const rules = ['2.8', '3.6']
export const end = 'bounded'
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
