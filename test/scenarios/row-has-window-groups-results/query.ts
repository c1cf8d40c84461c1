import { app, count, int, schema, stream, string, sum, timestamp, tumbling } from 'mysimbdp'

/** The order in a row: window, group fields as grouped, result fields as written; nulls are there. */
export const rules = ['6.1', '6.4']

const readings = stream('readings', {
  schema: schema('reading', { a: string(), b: int().nullable(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings
      .window(tumbling('5 seconds'))
      .groupBy('b', 'a')
      .aggregate({ z: count(), y: sum('b') })
      .output('update'),
  },
)
