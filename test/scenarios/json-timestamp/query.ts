import { app, schema, stream, timestamp } from 'mysimbdp'

/**
 * Epoch milliseconds, or ISO 8601 with Z, an offset, or none: then it is local time. 253402300800000 is in the year
 * 10000.
 */
export const rules = ['1.4', '2.1', '6.2']

const readings = stream('readings', {
  schema: schema('reading', { t: timestamp(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'America/Chicago' },
  {
    q: readings.select((r) => ({ t: r.t })).output('append'),
  },
)
