import { app, count, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

/**
 * Rows stay until the watermark is 20 s past the end of their window: at 35,000 the watermark is 25,000, and [0, 5000)
 * leaves; [5000, 10000) stays.
 */
export const rules = ['2.5', '5.1']
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
    q: readings.window(tumbling('5 seconds')).aggregate({ n: count() }).output('complete', { keep: '20 seconds' }),
  },
)
export const gaps = { spark: 'complete has no watermark: rows stay for ever' }
