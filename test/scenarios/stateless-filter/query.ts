import { app, schema, stream, string, timestamp } from 'mysimbdp'

/** One row for each record that passes, in the order of partition and offset, with all its columns. */
export const rules = ['5.4', '6.4', '6.1']

const readings = stream('readings', {
  schema: schema('reading', { id: string(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings.filter((r) => r.id.startsWith('a')).output('append'),
  },
)
