import { app, schema, stream, string, timestamp } from 'mysimbdp'

/** A record at the watermark is late for deduplication, one 1 ms behind it is not. Without a window it misses none. */
export const rules = ['2.3', '3.6', '5.4']
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
