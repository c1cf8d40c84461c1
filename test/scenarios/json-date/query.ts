import { app, date, schema, stream, timestamp } from 'mysimbdp'

/** A date is YYYY-MM-DD and a day that exists. */
export const rules = ['1.4', '6.2']

const readings = stream('readings', {
  schema: schema('reading', { d: date(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings.select((r) => ({ d: r.d })).output('append'),
  },
)
