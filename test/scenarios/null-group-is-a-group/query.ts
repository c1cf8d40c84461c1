import { app, count, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

/** Null is a group of its own, other than the text ~; it comes first and its key part is ~. */
export const rules = ['4.1', '6.4', '6.5']

const readings = stream('readings', {
  schema: schema('reading', { c: string().nullable(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings.window(tumbling('5 seconds')).groupBy('c').aggregate({ n: count() }).output('update'),
  },
)
