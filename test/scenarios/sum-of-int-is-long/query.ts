import { app, avg, int, schema, stream, sum, timestamp, tumbling } from 'mysimbdp'

/** A sum of ints goes beyond 32 bits; an average is a double. */
export const rules = ['4.3']

const readings = stream('readings', {
  schema: schema('reading', { v: int(), at: timestamp() }),
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
