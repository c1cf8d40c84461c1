import { app, schema, stream, string, timestamp } from 'mysimbdp'

/** trim removes U+0020 only, and only at both ends. */
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
    q: readings.select((r) => ({ t: r.s.trim() })).output('append'),
  },
)
