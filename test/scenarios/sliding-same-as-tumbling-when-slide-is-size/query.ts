import { app, count, schema, sliding, stream, string, timestamp, tumbling } from 'mysimbdp'

/** A slide as long as the size cuts time like a tumbling window. */
export const rules = ['3.2']

const readings = stream('readings', {
  schema: schema('reading', { id: string(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    s: readings.window(sliding('5 seconds', '5 seconds')).aggregate({ n: count() }).output('update'),
    t: readings.window(tumbling('5 seconds')).aggregate({ n: count() }).output('update'),
  },
)
