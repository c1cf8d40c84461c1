import { app, avg, long, schema, stream, sum, timestamp, tumbling } from 'mysimbdp'

/** The exact total counts: null where it leaves 64 bits, also below; not where it comes back. */
export const rules = ['4.3', '4.5', '4.9']

const readings = stream('readings', {
  schema: schema('reading', { v: long(), at: timestamp() }),
  eventTime: 'at',
  watermark: '1 minute',
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
