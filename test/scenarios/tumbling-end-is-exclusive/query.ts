import { app, count, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

/** A record at the end of a window belongs to the next one. */
export const rules = ['3.1', '3.2']

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
