import { app, count, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

/** With none any event time is accepted. */
export const rules = ['2.6']

const readings = stream('readings', {
  schema: schema('reading', { id: string(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
  maxFutureSkew: 'none',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings.window(tumbling('5 seconds')).aggregate({ n: count() }).output('update'),
  },
)
