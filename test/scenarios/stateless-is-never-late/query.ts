import { app, count, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

/** Without a window an old record is as good as any; with one on the same stream it is late. */
export const rules = ['5.4', '2.3']

const readings = stream('readings', {
  schema: schema('reading', { id: string(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings.select((r) => ({ id: r.id })).output('append'),
    w: readings.window(tumbling('5 seconds')).aggregate({ n: count() }).output('append'),
  },
)
