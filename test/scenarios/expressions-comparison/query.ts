import { app, int, schema, stream, timestamp } from 'mysimbdp'

/** The six comparisons. */
export const rules = ['4.7']

const readings = stream('readings', {
  schema: schema('reading', { v: int(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings
      .select((r) => ({
        eq: r.v.equal(2),
        ne: r.v.notEqual(2),
        lt: r.v.less(2),
        le: r.v.lessOrEqual(2),
        gt: r.v.greater(2),
        ge: r.v.greaterOrEqual(2),
      }))
      .output('append'),
  },
)
