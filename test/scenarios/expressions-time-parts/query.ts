import { app, schema, stream, timestamp } from 'mysimbdp'

/** Parts of local time in the zone of the app, or in one given; Monday is 1, Sunday 7. Before 1970 too. */
export const rules = ['4.9', '3.3']

const readings = stream('readings', {
  schema: schema('reading', { t: timestamp(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'America/Chicago' },
  {
    q: readings
      .select((r) => ({
        y: r.t.year(),
        mo: r.t.month(),
        d: r.t.dayOfMonth(),
        h: r.t.hour(),
        mi: r.t.minute(),
        w: r.t.dayOfWeek(),
        hu: r.t.hour('UTC'),
        dk: r.t.dayOfMonth('Asia/Kolkata'),
        mk: r.t.minute('Asia/Kolkata'),
        wk: r.t.dayOfWeek('Asia/Kolkata'),
      }))
      .output('append'),
  },
)
