import {
  app,
  avg,
  count,
  countIf,
  first,
  int,
  last,
  max,
  min,
  schema,
  stream,
  sum,
  timestamp,
  tumbling,
} from 'mysimbdp'

/** Aggregates skip nulls; of nothing, counts are 0 and the rest is null. */
export const rules = ['4.1', '4.3']

const readings = stream('readings', {
  schema: schema('reading', { v: int().nullable(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings
      .window(tumbling('5 seconds'))
      .aggregate((r) => ({
        n: count(),
        big: countIf(r.v.greater(4)),
        s: sum('v'),
        a: avg('v'),
        lo: min('v'),
        hi: max('v'),
        f: first('v'),
        l: last('v'),
      }))
      .output('update'),
  },
)
