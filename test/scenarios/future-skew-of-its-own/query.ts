import { app, count, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

/** maxFutureSkew is independent of the delay; each record is held against its own arrival. */
export const rules = ['2.6']

const readings = stream('readings', {
  schema: schema('reading', { id: string(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
  maxFutureSkew: '1 second',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings.window(tumbling('5 seconds')).aggregate({ n: count() }).output('update'),
  },
)
