import { app, count, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

/**
 * A bounded run keeps all rows, also as a stream: a record that comes 20 s too late is late, and the row of its window
 * stays.
 */
export const rules = ['2.5', '2.8']

const readings = stream('readings', {
  schema: schema('reading', { id: string(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings.window(tumbling('5 seconds')).aggregate({ n: count() }).output('complete', { keep: '20 seconds' }),
  },
)
export const gaps = { spark: 'complete has no watermark: nothing is late after keep' }
