import { app, boolean, count, decimal, schema, stream, timestamp, tumbling } from 'mysimbdp'

/** By window start, then by each group part: numbers by value, false before true, null first. */
export const rules = ['6.5']

const readings = stream('readings', {
  schema: schema('reading', { v: decimal(6, 2).nullable(), b: boolean().nullable(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings.window(tumbling('5 seconds')).groupBy('v', 'b').aggregate({ n: count() }).output('update'),
  },
)
