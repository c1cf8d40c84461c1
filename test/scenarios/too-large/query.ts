import { app, schema, stream, string, timestamp } from 'mysimbdp'

/** 1 MiB is accepted, one byte more is not. */
export const rules = ['1.7']

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
