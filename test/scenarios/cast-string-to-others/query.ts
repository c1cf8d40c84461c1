import { app, boolean, cast, date, schema, stream, string, timestamp, uuid } from 'mysimbdp'

/** Booleans in any case, dates, uuids; timestamps without offset are UTC here, not local. */
export const rules = ['4.6', '4.5']

const readings = stream('readings', {
  schema: schema('reading', { s: string(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'America/Chicago' },
  {
    q: readings
      .select((r) => ({ b: r.s.cast(boolean()), d: r.s.cast(date()), t: cast(r.s, timestamp()), u: r.s.cast(uuid()) }))
      .output('append'),
  },
)
