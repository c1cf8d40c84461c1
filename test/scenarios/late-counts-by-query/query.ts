import { app, count, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

/** One record can be late for one query and in time for another: windows end at different times. */
export const rules = ['2.3']

const readings = stream('readings', {
  schema: schema('reading', { id: string(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    short: readings.window(tumbling('5 seconds')).aggregate({ n: count() }).output('append'),
    long: readings.window(tumbling('1 minute')).aggregate({ n: count() }).output('append'),
    none: readings
      .filter((r) => r.id.equal('a'))
      .window(tumbling('5 seconds'))
      .aggregate({ n: count() })
      .output('append'),
  },
)
