import { app, count, max, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

/** Digits past the millisecond are cut, so .9999 is still in the first window; before 1970 too. */
export const rules = ['2.1', '1.4']

const readings = stream('readings', {
  schema: schema('reading', { id: string(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings
      .window(tumbling('1 second'))
      .aggregate({ n: count(), t: max('at') })
      .output('update'),
  },
)
export const gaps = { spark: 'the watermark is 1970 from the beginning' }
