import { app, count, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

/** Each stream has its own offsets, watermark and counts. */
export const rules = ['2.2', '1.1']

const reading = schema('reading', { id: string(), at: timestamp() })
const left = stream('left', { schema: reading, eventTime: 'at', watermark: '10 seconds' })
const right = stream('right', { schema: reading, eventTime: 'at', watermark: '10 seconds' })

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    l: left.window(tumbling('5 seconds')).aggregate({ n: count() }).output('append'),
    r: right.window(tumbling('5 seconds')).aggregate({ n: count() }).output('append'),
  },
)
