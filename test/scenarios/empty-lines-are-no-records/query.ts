import { app, schema, stream, string, timestamp } from 'mysimbdp'

/** An empty line takes no offset. */
export const rules = ['1.1']

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
