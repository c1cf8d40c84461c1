import { app, count, schema, sliding, stream, string, timestamp } from 'mysimbdp'

/** Starts are multiples of 4 s plus 1 s: -11000, -7000, -3000, 1000. */
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
    q: readings
      .window(sliding('8 seconds', '4 seconds', { offset: '1 second' }))
      .aggregate({ n: count() })
      .output('update'),
  },
)
