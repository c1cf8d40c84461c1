import { app, avg, double, schema, stream, sum, timestamp, tumbling } from 'mysimbdp'

/** 1 + 1e100 + 1 - 1e100 is 2, where plain summation loses both ones. */
export const rules = ['4.4']

const readings = stream('readings', {
  schema: schema('reading', { v: double(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings
      .window(tumbling('5 seconds'))
      .aggregate({ s: sum('v'), a: avg('v') })
      .output('update'),
  },
)
export const gaps = { spark: 'sums of doubles are not compensated' }
