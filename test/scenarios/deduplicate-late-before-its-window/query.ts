import { app, count, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

/** At 10,000 the window [10,000, 20,000) is open, and the record is late for deduplication all the same: it is not counted. The query without deduplication counts it. */
export const rules = ['2.3', '3.6']
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
    all: readings.window(tumbling('10 seconds')).aggregate({ n: count() }).output('append'),
    q: readings.deduplicate('id').window(tumbling('10 seconds')).aggregate({ n: count() }).output('append'),
  },
)
