import { app, count, schema, sliding, stream, string, timestamp } from 'mysimbdp'

/** Size 10 s, slide 4 s: 8,000 is in [0, 10000), [4000, …) and [8000, …); 11,000 in [4000, …) and [8000, …). */
export const rules = ['3.2']

const readings = stream('readings', {
  schema: schema('reading', { id: string(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings.window(sliding('10 seconds', '4 seconds')).aggregate({ n: count() }).output('update'),
  },
)
