import { app, count, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

/** After 30,000 an older record does not lower the watermark of 20,000. */
export const rules = ['2.2', '2.3']

const readings = stream('readings', {
  schema: schema('reading', { id: string(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings.window(tumbling('5 seconds')).aggregate({ n: count() }).output('append'),
  },
)
