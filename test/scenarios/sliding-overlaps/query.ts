import { app, count, schema, sliding, stream, string, timestamp } from 'mysimbdp'

/** A record is in size / slide windows. */
export const rules = ['3.2', '3.1']

const readings = stream('readings', {
  schema: schema('reading', { id: string(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings.window(sliding('10 seconds', '5 seconds')).aggregate({ n: count() }).output('append'),
  },
)
