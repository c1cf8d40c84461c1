import { app, count, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

/** With keep forever nothing is late and no row leaves. */
export const rules = ['2.5']

const readings = stream('readings', {
  schema: schema('reading', { id: string(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings.window(tumbling('5 seconds')).aggregate({ n: count() }).output('complete', { keep: 'forever' }),
  },
)
