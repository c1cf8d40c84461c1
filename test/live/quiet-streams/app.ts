import { app, count, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

const reading = schema('reading', { id: string(), at: timestamp() })

const closing = stream('closing', {
  schema: reading,
  eventTime: 'at',
  watermark: '1 second',
  idleTimeout: '200 ms',
  closeWhenIdle: true,
})
const waiting = stream('waiting', { schema: reading, eventTime: 'at', watermark: '1 second' })

/** Two streams that are alike, but for what happens when they fall silent. */
export default app(
  'quiet',
  { timeZone: 'UTC' },
  {
    closed: closing.window(tumbling('1 second')).aggregate({ n: count() }).output('append'),
    open: waiting.window(tumbling('1 second')).aggregate({ n: count() }).output('append'),
  },
)
