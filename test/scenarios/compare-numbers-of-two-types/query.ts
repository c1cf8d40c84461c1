import { app, decimal, double, int, long, schema, stream, timestamp } from 'mysimbdp'

/** Exactly after widening: a long with a decimal to the last digit, a decimal with a double as doubles. */
export const rules = ['4.7', '4.9']

const readings = stream('readings', {
  schema: schema('reading', { l: long(), v: decimal(18, 2), d: double(), i: int(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings
      .select((r) => ({
        lv: r.l.equal(r.v),
        less: r.v.less(r.l),
        vd: r.v.equal(r.d),
        iv: r.i.equal(r.v),
        il: r.i.less(r.l),
      }))
      .output('append'),
  },
)
