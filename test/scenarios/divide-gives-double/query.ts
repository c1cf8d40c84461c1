import { app, decimal, double, int, long, schema, stream, timestamp } from 'mysimbdp'

/** Division gives a double for all numbers, and null by zero. */
export const rules = ['4.2', '4.5']

const readings = stream('readings', {
  schema: schema('reading', { v: decimal(6, 2), i: int(), l: long(), d: double(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings
      .select((r) => ({ vi: r.v.divide(r.i), il: r.i.divide(r.l), ld: r.l.divide(r.d), di: r.d.divide(r.i) }))
      .output('append'),
  },
)
