import { app, double, schema, stream, timestamp } from 'mysimbdp'

/** 1.005 is 1.01 to two digits, though the double is a little less. */
export const rules = ['4.4']

const readings = stream('readings', {
  schema: schema('reading', { v: double(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings.select((r) => ({ two: r.v.round(2), none: r.v.round(0) })).output('append'),
  },
)
