import { app, boolean, decimal, double, int, long, schema, stream, timestamp } from 'mysimbdp'

/** true is 1, zero is false. */
export const rules = ['4.6']

const readings = stream('readings', {
  schema: schema('reading', { b: boolean(), i: int(), v: decimal(4, 2), d: double(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings
      .select((r) => ({
        bi: r.b.cast(int()),
        bl: r.b.cast(long()),
        bv: r.b.cast(decimal(4, 2)),
        bd: r.b.cast(double()),
        ib: r.i.cast(boolean()),
        vb: r.v.cast(boolean()),
        db: r.d.cast(boolean()),
        bb: r.b.cast(boolean()),
      }))
      .output('append'),
  },
)
