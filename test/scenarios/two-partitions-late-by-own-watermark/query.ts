import { app, count, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

/** Partition 0 is far ahead; a record of partition 1 is judged by the watermark of partition 1 alone. */
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
export const gaps = { spark: 'a record is late by the greatest event time of all partitions' }
