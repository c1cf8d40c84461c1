import { app, boolean, schema, stream, timestamp } from 'mysimbdp'

/** and, or, not with true, false and null, in all combinations. */
export const rules = ['4.1']

const readings = stream('readings', {
  schema: schema('reading', { a: boolean().nullable(), b: boolean().nullable(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings.select((r) => ({ x: r.a.and(r.b), y: r.a.or(r.b), z: r.a.not() })).output('append'),
  },
)
