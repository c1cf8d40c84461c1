import { app, count, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

/** The record at 90,000 has no id: it takes an offset and moves nothing. */
export const rules = ['2.2', '1.1']

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
