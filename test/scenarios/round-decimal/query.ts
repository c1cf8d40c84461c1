import { app, decimal, schema, stream, timestamp } from 'mysimbdp'

/** Half away from zero to the scale asked for; a greater one changes nothing. */
export const rules = ['4.2']

const readings = stream('readings', {
  schema: schema('reading', { v: decimal(6, 2), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings
      .select((r) => ({ one: r.v.round(1), none: r.v.round(0), two: r.v.round(2), five: r.v.round(5) }))
      .output('append'),
  },
)
