import { app, count, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

/** Partition 1 has a rejected record only: it holds the minimum at minus infinity. */
export const rules = ['2.4']
export const end = 'open'

const readings = stream('readings', {
  schema: schema('reading', { id: string(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings.window(tumbling('5 seconds')).aggregate({ n: count() }).output('append'),
    all: readings.window(tumbling('5 seconds')).aggregate({ n: count() }).output('update'),
  },
)
export const gaps = { spark: 'a partition without records holds nothing open' }
