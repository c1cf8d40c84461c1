import { app, count, countIf, max, min, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

/** U+FF61 is less than U+1F600 in UTF-8, though not in UTF-16; upper case comes before lower. */
export const rules = ['4.7', '6.5']

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
      .window(tumbling('5 seconds'))
      .aggregate((r) => ({ lo: min('s'), hi: max('s'), below: countIf(r.s.less('\u{1F600}')) }))
      .output('update'),
    g: readings.window(tumbling('5 seconds')).groupBy('s').aggregate({ n: count() }).output('update'),
  },
)
