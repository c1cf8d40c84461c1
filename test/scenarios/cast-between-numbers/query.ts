import { app, decimal, double, float, int, long, schema, stream, timestamp } from 'mysimbdp'

/**
 * To whole numbers towards zero, to decimals half away from zero, a double by its shortest text; null where it does
 * not fit.
 */
export const rules = ['4.6', '4.5']

const readings = stream('readings', {
  schema: schema('reading', { v: decimal(10, 2), d: double(), l: long(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings
      .select((r) => ({
        vi: r.v.cast(int()),
        vt: r.v.cast(decimal(4, 1)),
        vd: r.v.cast(double()),
        di: r.d.cast(int()),
        dl: r.d.cast(long()),
        dv: r.d.cast(decimal(10, 2)),
        df: r.d.cast(float()),
        li: r.l.cast(int()),
        lv: r.l.cast(decimal(4, 2)),
        ld: r.l.cast(double()),
      }))
      .output('append'),
  },
)
