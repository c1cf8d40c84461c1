import { app, schema, stream, string, timestamp } from 'mysimbdp'

/** Well-formed JSON that is no object. */
export const rules = ['1.3', '1.2']

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
