import { app, count, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

/** One partition is 1,000 s ahead, the other not: no row leaves. */
export const rules = ['2.5', '2.4']
export const end = 'open'

const readings = stream('readings', {
  schema: schema('reading', { id: string(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings.window(tumbling('5 seconds')).aggregate({ n: count() }).output('complete', { keep: '20 seconds' }),
  },
)
