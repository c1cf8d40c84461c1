import {
  app,
  boolean,
  date,
  decimal,
  double,
  float,
  int,
  long,
  schema,
  stream,
  string,
  timestamp,
  uuid,
} from 'mysimbdp'

/** Numbers as in rows, dates ISO, timestamps in UTC whatever the zone of the app. */
export const rules = ['4.6', '6.3']

const readings = stream('readings', {
  schema: schema('reading', {
    i: int(),
    l: long(),
    v: decimal(10, 2),
    d: double(),
    f: float(),
    b: boolean(),
    day: date(),
    t: timestamp(),
    u: uuid(),
    at: timestamp(),
  }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'America/Chicago' },
  {
    q: readings
      .select((r) => ({
        i: r.i.cast(string()),
        l: r.l.cast(string()),
        v: r.v.cast(string()),
        d: r.d.cast(string()),
        f: r.f.cast(string()),
        b: r.b.cast(string()),
        day: r.day.cast(string()),
        t: r.t.cast(string()),
        u: r.u.cast(string()),
      }))
      .output('append'),
  },
)
