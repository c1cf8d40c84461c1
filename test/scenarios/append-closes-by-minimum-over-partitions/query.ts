import { app, count, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

/** The watermarks are 50,000 and 5,000: only windows that end by 5,000 are closed. */
export const rules = ['2.4', '5.1']
export const end = 'open'

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
    all: readings.window(tumbling('5 seconds')).aggregate({ n: count() }).output('update'),
  },
)
export const gaps = { spark: 'a window closes by the greatest event time of all partitions' }
