import { app, count, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

/** Where a record is late, complete has it and append and update do not. */
export const rules = ['5.3', '2.5']

const readings = stream('readings', {
  schema: schema('reading', { id: string(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    a: readings.window(tumbling('5 seconds')).groupBy('id').aggregate({ n: count() }).output('append'),
    u: readings.window(tumbling('5 seconds')).groupBy('id').aggregate({ n: count() }).output('update'),
    c: readings.window(tumbling('5 seconds')).groupBy('id').aggregate({ n: count() }).output('complete'),
  },
)
