import { app, int, schema, stream, timestamp } from 'mysimbdp'

/** A record for which the condition is null is left out, as is its negation. */
export const rules = ['4.1', '5.4']

const readings = stream('readings', {
  schema: schema('reading', { v: int().nullable(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    over: readings
      .filter((r) => r.v.greater(3))
      .select((r) => ({ v: r.v }))
      .output('append'),
    not: readings
      .filter((r) => r.v.greater(3).not())
      .select((r) => ({ v: r.v }))
      .output('append'),
  },
)
