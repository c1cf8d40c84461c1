import { app, schema, stream, string, timestamp } from 'mysimbdp'

/** lower, upper, trim, length, concat, contains, startsWith, endsWith. */
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
        lo: r.s.lower(),
        up: r.s.upper(),
        tr: r.s.trim(),
        len: r.s.length(),
        cat: r.s.concat('-', r.s),
        has: r.s.contains('ax'),
        begins: r.s.startsWith('Ta'),
        ends: r.s.endsWith('i '),
      }))
      .output('append'),
  },
)
