import { app, int, schema, stream, string, timestamp } from 'mysimbdp'

/** Comparison, arithmetic and texts with null give null; isNull, isNotNull and coalesce do not. */
export const rules = ['4.1']

const readings = stream('readings', {
  schema: schema('reading', { v: int().nullable(), s: string().nullable(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings
      .select((r) => ({
        eq: r.v.equal(1),
        ne: r.v.notEqual(1),
        sum: r.v.add(1),
        half: r.v.divide(2),
        abs: r.v.abs(),
        text: r.s.concat('!'),
        len: r.s.length(),
        has: r.s.contains('a'),
        none: r.v.isNull(),
        some: r.s.isNotNull(),
        or0: r.v.coalesce(0),
        cast: r.v.cast(string()),
      }))
      .output('append'),
  },
)
