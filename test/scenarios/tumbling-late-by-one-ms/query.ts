import { app, count, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

/**
 * With the newest record at 15,000 and a delay of 10 s the watermark is 5,000: the window that ends at 5,000 is past;
 * at 14,999 it was not.
 */
export const rules = ['2.2', '2.3', '3.1']

const readings = stream('readings', {
  schema: schema('reading', { id: string(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings.window(tumbling('5 seconds')).aggregate({ n: count() }).output('update'),
  },
)
