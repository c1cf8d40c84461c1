import { app, count, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

/** |, % and ~ are escaped in key parts, nothing else is. */
export const rules = ['6.4', '6.5']

const readings = stream('readings', {
  schema: schema('reading', { a: string(), b: string(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings.window(tumbling('5 seconds')).groupBy('a', 'b').aggregate({ n: count() }).output('update'),
  },
)
