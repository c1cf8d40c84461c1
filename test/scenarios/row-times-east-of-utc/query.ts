import { app, schema, stream, timestamp } from 'mysimbdp'

/** An offset with minutes. */
export const rules = ['6.2']

const readings = stream('readings', {
  schema: schema('reading', { t: timestamp(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'Asia/Kathmandu' },
  {
    q: readings.select((r) => ({ t: r.t })).output('append'),
  },
)
