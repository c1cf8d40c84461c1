import { app, count, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

/** A stream without watermark has no limit unless it names one. */
export const rules = ['2.6']

const readings = stream('readings', {
  schema: schema('reading', { id: string(), at: timestamp() }),
  eventTime: 'at',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings.window(tumbling('5 seconds')).aggregate({ n: count() }).output('update'),
  },
)
