import { app, double, float, schema, stream, timestamp } from 'mysimbdp'

/** The shortest text that reads back the same, in 32 bits for float; what overflows is rejected. */
export const rules = ['1.4', '6.3']

const readings = stream('readings', {
  schema: schema('reading', { d: double(), f: float(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings.select((r) => ({ d: r.d, f: r.f })).output('append'),
  },
)
