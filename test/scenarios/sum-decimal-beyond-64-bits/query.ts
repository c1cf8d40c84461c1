import { app, avg, decimal, schema, stream, sum, timestamp, tumbling } from 'mysimbdp'

/**
 * The sum of decimal(18, 2) has up to 28 digits: 99999999999999999.99 would not fit into 64 bits at scale 2 many
 * times.
 */
export const rules = ['4.2']

const readings = stream('readings', {
  schema: schema('reading', { v: decimal(18, 2), at: timestamp() }),
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
