import { app, count, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

/** A bounded run keeps all rows, whatever keep says. */
export const rules = ['2.5', '2.8']
export const end = 'bounded'

const readings = stream('readings', {
  schema: schema('reading', { id: string(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings.window(tumbling('5 seconds')).aggregate({ n: count() }).output('complete', { keep: '20 seconds' }),
  },
)
