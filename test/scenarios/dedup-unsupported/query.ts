import { app, count, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

/** The second record with the same id counts as the same one. */
export const rules = ['3.6', '3.7']
export const gaps = {
  embedded: 'deduplication comes later',
  duckdb: 'deduplication comes later',
}

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
