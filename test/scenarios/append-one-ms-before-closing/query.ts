import { app, count, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

/** At a watermark of 4,999 the window [0, 5000) is still open. */
export const rules = ['2.4']
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
