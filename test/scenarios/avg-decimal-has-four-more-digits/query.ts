import { app, avg, decimal, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

/** 2.00 / 3 is 0.666667, its negative -0.666667; 1.00 / 3 is 0.333333. */
export const rules = ['4.2']

const readings = stream('readings', {
  schema: schema('reading', { k: string(), v: decimal(10, 2), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings
      .window(tumbling('5 seconds'))
      .groupBy('k')
      .aggregate({ a: avg('v') })
      .output('update'),
  },
)
