import { app, boolean, count, date, decimal, int, long, schema, stream, timestamp, tumbling, uuid } from 'mysimbdp'

/** Decimals at their scale, timestamps as epoch ms, dates ISO, booleans, uuids in lower case, whole numbers. */
export const rules = ['6.4']

const readings = stream('readings', {
  schema: schema('reading', {
    v: decimal(6, 2),
    t: timestamp(),
    d: date(),
    b: boolean(),
    u: uuid(),
    i: int(),
    l: long(),
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
      .window(tumbling('5 seconds'))
      .groupBy('v', 't', 'd', 'b', 'u', 'i', 'l')
      .aggregate({ n: count() })
      .output('update'),
  },
)
