import { app, count, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

/** A late arrival of old event times closes nothing: only event times do. */
export const rules = ['2.7', '2.4']
export const end = 'open'

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
