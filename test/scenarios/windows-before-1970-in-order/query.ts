import { app, count, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

/** Starts are ordered as numbers: -10000 before -5000 before 0 before 10000 before 5000 would be text. */
export const rules = ['6.5', '3.2']

const readings = stream('readings', {
  schema: schema('reading', { id: string(), at: timestamp() }),
  eventTime: 'at',
  watermark: '1 minute',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings.window(tumbling('5 seconds')).aggregate({ n: count() }).output('update'),
  },
)
export const gaps = { spark: 'the watermark is 1970 from the beginning' }
