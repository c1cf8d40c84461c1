import { app, schema, stream, string, timestamp } from 'mysimbdp'

/** skip counts bad records and gives them an offset, and keeps nothing of them. */
export const rules = ['1.8', '1.1']

const readings = stream('readings', {
  schema: schema('reading', { id: string(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
  badRecords: 'skip',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings.output('append'),
  },
)
