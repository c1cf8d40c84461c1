import { app, count, schema, sliding, stream, string, timestamp } from 'mysimbdp'

/**
 * At a watermark of 10,000 a record at 7,000 misses [0, 10000) and counts in [5000, 15000); it is one late record. At
 * 3,000 both its windows are past.
 */
export const rules = ['2.3', '3.2']

const readings = stream('readings', {
  schema: schema('reading', { id: string(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings.window(sliding('10 seconds', '5 seconds')).aggregate({ n: count() }).output('update'),
  },
)
