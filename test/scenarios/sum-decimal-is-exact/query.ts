import { app, decimal, max, min, schema, stream, sum, timestamp, tumbling } from 'mysimbdp'

/** Sums of cents are exact and keep their scale. */
export const rules = ['4.2', '6.3']

const readings = stream('readings', {
  schema: schema('reading', { v: decimal(10, 2).nullable(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings
      .window(tumbling('5 seconds'))
      .aggregate({ s: sum('v'), lo: min('v'), hi: max('v') })
      .output('update'),
  },
)
