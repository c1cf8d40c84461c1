import { app, schema, stream, string, timestamp } from 'mysimbdp'

/** Quotes, backslashes, line ends and letters beyond ASCII survive. */
export const rules = ['6.1']

const readings = stream('readings', {
  schema: schema('reading', { s: string(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings.select((r) => ({ s: r.s })).output('append'),
  },
)
