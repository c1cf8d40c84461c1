import { app, int, long, schema, stream, timestamp } from 'mysimbdp'

/**
 * Whole numbers however they are written, exact to the last digit; no fraction, no text, nothing beyond 32 or 64 bits.
 */
export const rules = ['1.4', '4.9', '6.3']

const readings = stream('readings', {
  schema: schema('reading', { i: int(), l: long(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings.select((r) => ({ i: r.i, l: r.l })).output('append'),
  },
)
