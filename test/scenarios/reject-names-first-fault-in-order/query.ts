import { app, int, schema, stream, string, timestamp } from 'mysimbdp'

/**
 * With several faults the first of encoding, size, form, renamed field, fields in schema order, future is reported.
 */
export const rules = ['1.2']

const readings = stream('readings', {
  schema: schema('reading', { id: string(), n: int(), at: timestamp() }),
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
