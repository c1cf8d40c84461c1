import { app, date, long, schema, stream, timestamp } from 'mysimbdp'

/** A timestamp gives its UTC date, a date its UTC midnight, whatever the zone of the app; long is epoch ms. */
export const rules = ['4.6']

const readings = stream('readings', {
  schema: schema('reading', { t: timestamp(), d: date(), l: long(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'America/Chicago' },
  {
    q: readings
      .select((r) => ({
        td: r.t.cast(date()),
        dt: r.d.cast(timestamp()),
        tl: r.t.cast(long()),
        lt: r.l.cast(timestamp()),
      }))
      .output('append'),
  },
)
