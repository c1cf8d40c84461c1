import { app, first, last, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

/** Among equal event times the partition decides before the offset. */
export const rules = ['4.8']

const readings = stream('readings', {
  schema: schema('reading', { v: string().nullable(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings
      .window(tumbling('5 seconds'))
      .aggregate({ f: first('v'), l: last('v') })
      .output('update'),
  },
)
