import { app, avg, decimal, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

/** 0.01 / 32 is 0.0003125, a tie at six decimals. */
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
