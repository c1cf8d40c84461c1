import { app, decimal, double, int, long, schema, stream, string, timestamp } from 'mysimbdp'

/** The number as JSON would write it, after trimming spaces, a decimal rounded half away from zero; else null. */
export const rules = ['4.6', '4.5']

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
      .select((r) => ({ i: r.s.cast(int()), l: r.s.cast(long()), v: r.s.cast(decimal(10, 2)), d: r.s.cast(double()) }))
      .output('append'),
  },
)
