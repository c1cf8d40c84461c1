import { app, count, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

/** A record 10,001 ms ahead of its arrival is rejected and moves nothing; one 10,000 ms ahead is accepted. */
export const rules = ['2.6', '2.3']

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
