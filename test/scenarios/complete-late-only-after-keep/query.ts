import { app, count, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

/** Far behind the watermark, a record still counts while its row is kept; once the row has left it is late. */
export const rules = ['2.5', '2.3']

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
export const gaps = { spark: 'complete has no watermark: nothing is late after keep' }
