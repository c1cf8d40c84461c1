import { app, calendar, count, schema, stream, string, timestamp } from 'mysimbdp'

/** Years and months before the epoch: 31 December 1899 and 1 January 1900. */
export const rules = ['3.3']

const readings = stream('readings', {
  schema: schema('reading', { id: string(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings.window(calendar('year')).aggregate({ n: count() }).output('update'),
  },
)
