import { app, count, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

/** A record that the filter leaves out moves the watermark, and is never late itself. */
export const rules = ['2.2', '2.3']

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
      .filter((r) => r.id.notEqual('out'))
      .window(tumbling('5 seconds'))
      .aggregate({ n: count() })
      .output('append'),
  },
)
