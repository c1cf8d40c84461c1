import { app, schema, stream, string, timestamp } from 'mysimbdp'

/** Rows of a query without window are there at once. */
export const rules = ['5.4']
export const end = 'open'

const readings = stream('readings', {
  schema: schema('reading', { id: string(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings.select((r) => ({ id: r.id })).output('append'),
  },
)
