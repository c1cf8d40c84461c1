import { app, int, long, schema, stream, timestamp } from 'mysimbdp'

/**
 * Two ints give an int, with a long a long; overflow and modulo by zero are null; modulo has the sign of the dividend.
 */
export const rules = ['4.3', '4.5', '4.9']

const readings = stream('readings', {
  schema: schema('reading', { i: int(), l: long(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings
      .select((r) => ({
        ii: r.i.add(1),
        il: r.i.add(r.l),
        mul: r.l.multiply(r.i),
        sub: r.i.subtract(1),
        neg: r.i.negate(),
        abs: r.i.abs(),
        mod: r.i.modulo(3),
        lmod: r.l.modulo(r.i),
        labs: r.l.abs(),
      }))
      .output('append'),
  },
)
