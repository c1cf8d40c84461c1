import { app, count, schema, stream, timestamp, tumbling } from 'mysimbdp'

/**
 * Offset of the zone at that instant: London writes +00:00 in winter and +01:00 in summer; Kathmandu would write
 * +05:45.
 */
export const rules = ['6.2']

const readings = stream('readings', {
  schema: schema('reading', { t: timestamp(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'Europe/London' },
  {
    q: readings.select((r) => ({ t: r.t })).output('append'),
    w: readings.window(tumbling('5 seconds')).aggregate({ n: count() }).output('update'),
  },
)
