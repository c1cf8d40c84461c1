import { app, schema, stream, string, timestamp } from 'mysimbdp'

/** A rejected record takes an offset: the keys of its neighbours show it, in each partition. */
export const rules = ['1.1', '5.4']

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
