import { app, count, schema, sliding, stream, string, timestamp } from 'mysimbdp'

/**
 * A day and 7 h 0.001 s have no common divisor but one millisecond: a window could be made of 86,400,000 panes. The records at 100,800,004 (a multiple of the slide)
 * and 60,000 s later are in four windows each, and two of those are the same.
 */
export const rules = ['3.2']

const readings = stream('readings', {
  schema: schema('reading', { id: string(), at: timestamp() }),
  eventTime: 'at',
  watermark: '1 day',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings.window(sliding('1 day', '25200001 ms')).aggregate({ n: count() }).output('update'),
  },
)
