import { app, schema, stream, string, timestamp } from 'mysimbdp'

/**
 * Not JSON by its grammar: NaN, a cut record, a trailing comma, single quotes, leading zero or plus, a bare fraction,
 * two values, a raw tab in a text.
 */
export const rules = ['1.3']

const readings = stream('readings', {
  schema: schema('reading', { id: string(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings.output('append'),
  },
)
