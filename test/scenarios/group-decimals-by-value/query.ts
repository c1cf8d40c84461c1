import { app, count, decimal, schema, stream, timestamp, tumbling } from 'mysimbdp'

/** 1.5 and 1.50 are one group. */
export const rules = ['4.7', '6.4']

const readings = stream('readings', {
  schema: schema('reading', { v: decimal(6, 2), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings.window(tumbling('5 seconds')).groupBy('v').aggregate({ n: count() }).output('update'),
  },
)
