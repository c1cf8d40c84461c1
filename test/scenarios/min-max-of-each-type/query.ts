import {
  app,
  boolean,
  date,
  double,
  first,
  int,
  last,
  long,
  max,
  min,
  schema,
  stream,
  string,
  timestamp,
  tumbling,
  uuid,
} from 'mysimbdp'

/** Texts, dates, timestamps, uuids, longs, ints, doubles; first and last of a boolean. */
export const rules = ['4.8', '4.7']

const readings = stream('readings', {
  schema: schema('reading', {
    s: string(),
    d: date(),
    t: timestamp(),
    u: uuid(),
    l: long(),
    i: int(),
    x: double(),
    b: boolean(),
    at: timestamp(),
  }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings
      .window(tumbling('5 seconds'))
      .aggregate({
        smin: min('s'),
        smax: max('s'),
        dmin: min('d'),
        dmax: max('d'),
        tmin: min('t'),
        tmax: max('t'),
        umin: min('u'),
        umax: max('u'),
        lmin: min('l'),
        lmax: max('l'),
        imin: min('i'),
        imax: max('i'),
        xmin: min('x'),
        xmax: max('x'),
        f: first('b'),
        l: last('b'),
      })
      .output('update'),
  },
)
