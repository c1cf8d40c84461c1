import { app, count, decimal, schema, stream, string, sum, timestamp, tumbling } from 'mysimbdp'

/** A computed column is filtered, grouped and summed. */
export const rules = ['4.2', '5.2']

const readings = stream('readings', {
  schema: schema('reading', { k: string(), v: decimal(6, 2), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings
      .withColumns((r) => ({ twice: r.v.multiply(2), initial: r.k.substring(1, 1) }))
      .filter((r) => r.twice.greater(2.5))
      .select((r) => ({ initial: r.initial, twice: r.twice }))
      .window(tumbling('5 seconds'))
      .groupBy('initial')
      .aggregate({ n: count(), s: sum('twice') })
      .output('append'),
  },
)
