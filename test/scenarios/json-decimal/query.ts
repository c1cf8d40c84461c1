import { app, decimal, schema, stream, timestamp } from 'mysimbdp'

/** Decimals are read exactly and written with all digits of their scale; trailing zeros do not count. */
export const rules = ['1.4', '4.2', '6.3']

const readings = stream('readings', {
  schema: schema('reading', { v: decimal(10, 2), w: decimal(18, 2).nullable(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings.select((r) => ({ v: r.v, w: r.w })).output('append'),
  },
)
export const gaps = { spark: 'a number with an exponent is read as a double' }
