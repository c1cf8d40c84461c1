import { app, count, countIf, int, schema, stream, timestamp, tumbling } from 'mysimbdp'

/**
 * A record that countIf does not count is still a record of its group; a window that the filter emptied has no row.
 */
export const rules = ['5.2', '4.1']

const readings = stream('readings', {
  schema: schema('reading', { v: int(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings
      .window(tumbling('5 seconds'))
      .aggregate((r) => ({ big: countIf(r.v.greater(10)) }))
      .output('append'),
    f: readings
      .filter((r) => r.v.greater(10))
      .window(tumbling('5 seconds'))
      .aggregate({ n: count() })
      .output('append'),
  },
)
