import { app, schema, stream, string, timestamp } from 'mysimbdp'

/** Case follows the Unicode default: sharp s becomes two letters. */
export const rules = ['4.9']

const readings = stream('readings', {
  schema: schema('reading', { s: string(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings.select((r) => ({ lo: r.s.lower(), up: r.s.upper() })).output('append'),
  },
)
