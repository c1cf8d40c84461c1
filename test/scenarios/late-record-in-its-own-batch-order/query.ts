import { app, count, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

/**
 * Watermarks go by record, not by batch: in one batch, the record after the newest one is late, the one before is not.
 */
export const rules = ['2.2', '2.3']

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
