import { app, decimal, schema, stream, timestamp } from 'mysimbdp'

/**
 * Scales: add, subtract and modulo take the greater one, multiply the sum. Modulo has the sign of the dividend; by
 * zero it is null.
 */
export const rules = ['4.2', '4.5']

const readings = stream('readings', {
  schema: schema('reading', { v: decimal(8, 2), w: decimal(6, 3), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings
      .select((r) => ({
        add: r.v.add(r.w),
        sub: r.v.subtract(r.w),
        mul: r.v.multiply(r.w),
        mod: r.v.modulo(r.w),
        twice: r.v.multiply(2),
        more: r.v.add(2),
        half: r.v.multiply(0.5),
        neg: r.v.negate(),
        abs: r.v.abs(),
      }))
      .output('append'),
  },
)
