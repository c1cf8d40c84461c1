import { app, count, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

/** `complete` takes late records until `keep` has passed; deduplication goes by the watermark and takes none. */
export const rules = ['2.5', '3.6']
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
    all: readings.window(tumbling('5 seconds')).aggregate({ n: count() }).output('complete'),
    q: readings.deduplicate('id').window(tumbling('5 seconds')).aggregate({ n: count() }).output('complete'),
  },
)
