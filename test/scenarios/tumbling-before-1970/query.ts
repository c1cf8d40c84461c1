import { app, count, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

/** Windows go on before the epoch: -1 is in [-5000, 0), -5000 too, -5001 before it. */
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
    q: readings.window(tumbling('5 seconds')).aggregate({ n: count() }).output('append'),
  },
)
