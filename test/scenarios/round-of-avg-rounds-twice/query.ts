import { app, avg, decimal, round, schema, stream, timestamp, tumbling } from 'mysimbdp'

/** 0.06 / 11 is 0.00545454…; avg rounds it to 0.005455, and round to five digits makes 0.00546 of that. */
export const rules = ['4.2']

const readings = stream('readings', {
  schema: schema('reading', { v: decimal(10, 2), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings
      .window(tumbling('5 seconds'))
      .aggregate({ a: avg('v'), r: round(avg('v'), 5) })
      .output('update'),
  },
)
