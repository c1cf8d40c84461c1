import { app, avg, float, max, schema, stream, sum, timestamp, tumbling } from 'mysimbdp'

/**
 * The float 0.1 is 0.10000000149011612 in arithmetic and sums; negate and abs keep the float, and so do min and max.
 */
export const rules = ['4.4', '6.3']

const readings = stream('readings', {
  schema: schema('reading', { v: float(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings
      .select((r) => ({ v: r.v, add: r.v.add(0), neg: r.v.negate(), abs: r.v.abs(), r: r.v.round(3) }))
      .output('append'),
    w: readings
      .window(tumbling('5 seconds'))
      .aggregate({ s: sum('v'), a: avg('v'), hi: max('v') })
      .output('update'),
  },
)
