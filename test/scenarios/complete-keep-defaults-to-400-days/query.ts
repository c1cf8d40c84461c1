import { app, count, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

/** 400 days are 34,560,000,000 ms: the watermark reaches 5,000 + 400 days with the last record. */
export const rules = ['2.5']
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
    q: readings.window(tumbling('5 seconds')).aggregate({ n: count() }).output('complete'),
  },
)
export const gaps = { spark: 'complete has no watermark: rows stay for ever' }
