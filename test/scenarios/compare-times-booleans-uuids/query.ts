import { app, boolean, date, lit, schema, stream, timestamp, uuid } from 'mysimbdp'

/** Dates, timestamps, booleans and uuids compare with their own kind. */
export const rules = ['4.7']

const readings = stream('readings', {
  schema: schema('reading', { d: date(), t: timestamp(), b: boolean(), u: uuid(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings
      .select((r) => ({
        d: r.d.greater(lit('2024-04-13', date())),
        t: r.t.lessOrEqual(lit('2024-04-13T12:00:00Z', timestamp())),
        b: r.b.less(true),
        u: r.u.equal(lit('3f2504e0-4f89-11d3-9a0c-0305e82c3301', uuid())),
      }))
      .output('append'),
  },
)
