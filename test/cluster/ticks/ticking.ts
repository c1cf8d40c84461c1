import { app, count, int, schema, stream, string, sum, timestamp, tumbling } from 'mysimbdp'

const tick = schema('tick', { id: int(), at: timestamp(), sensor: string(), value: int() })

const settings = { schema: tick, eventTime: 'at', watermark: '10 seconds', maxFutureSkew: 'none' } as const
const totals = { n: count(), total: sum('value') }

/** Small numbers in every mode, so that a record that is missing or counted twice shows. With `idleTimeout` a quiet partition holds nothing back. */
export const ticking = (name: string, quiet: { readonly idleTimeout?: '1 second' } = {}) => {
  const ticks = stream('ticks', { ...settings, ...quiet })
  return app(
    name,
    { timeZone: 'UTC' },
    {
      minutes: ticks.window(tumbling('1 minute')).groupBy('sensor').aggregate(totals).output('append'),
      hours: ticks.window(tumbling('1 hour')).aggregate(totals).output('update'),
      days: ticks.window(tumbling('1 day')).groupBy('sensor').aggregate(totals).output('complete'),
    },
  )
}
