import { app, schema, stream, string, timestamp } from 'mysimbdp'

/** fail stops the job at the first bad record. */
export const rules = ['1.8']

const readings = stream('readings', {
  schema: schema('reading', { id: string(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
  badRecords: 'fail',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings.output('append'),
  },
)
