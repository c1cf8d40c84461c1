import { app, decimal, double, schema, stream, timestamp } from 'mysimbdp'

/** A decimal with a double gives a double. */
export const rules = ['4.2', '4.4']

const readings = stream('readings', {
  schema: schema('reading', { v: decimal(6, 2), d: double(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings
      .select((r) => ({ add: r.v.add(r.d), mul: r.v.multiply(r.d), sub: r.d.subtract(r.v), mod: r.v.modulo(r.d) }))
      .output('append'),
  },
)
