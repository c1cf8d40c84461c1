import { app, count, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

/**
 * As a stream, the watermark follows the input, and at its end all windows close, also with a partition that stayed
 * behind.
 */
export const rules = ['2.8', '2.4']

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
