import { app, int, schema, stream, string, timestamp } from 'mysimbdp'

/** The last value of a key counts, also where an earlier one would be wrong or the last one is. */
export const rules = ['1.3']

const readings = stream('readings', {
  schema: schema('reading', { id: string(), n: int(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings.select((r) => ({ id: r.id, n: r.n })).output('append'),
  },
)
