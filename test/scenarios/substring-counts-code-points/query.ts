import { app, schema, stream, string, timestamp } from 'mysimbdp'

/** Starts at 1 and counts code points; a start below 1 is null; what lies past the end is missing. */
export const rules = ['4.9']

const readings = stream('readings', {
  schema: schema('reading', { s: string(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings
      .select((r) => ({
        len: r.s.length(),
        a: r.s.substring(1, 2),
        b: r.s.substring(2, 1),
        past: r.s.substring(9, 2),
        zero: r.s.substring(0, 2),
        none: r.s.substring(1, 0),
        from: r.s.substring(r.s.length(), 5),
      }))
      .output('append'),
  },
)
