import { app, count, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

/** With an offset of 2 s windows start at …, -3000, 2000, 7000. */
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
      .window(tumbling('5 seconds', { offset: '2 seconds' }))
      .aggregate({ n: count() })
      .output('update'),
  },
)
