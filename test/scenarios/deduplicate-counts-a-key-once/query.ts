import { app, count, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

/** The second record with the same id counts as the same one. */
export const rules = ['3.6']
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
    q: readings.deduplicate('id').window(tumbling('5 seconds')).aggregate({ n: count() }).output('append'),
  },
)
