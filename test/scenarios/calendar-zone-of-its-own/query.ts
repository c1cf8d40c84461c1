import { app, calendar, count, schema, stream, string, timestamp } from 'mysimbdp'

/** The windows are days of Kolkata (from 18:30Z), the times in rows are those of the app in Chicago. */
export const rules = ['3.3', '6.2']

const readings = stream('readings', {
  schema: schema('reading', { id: string(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'America/Chicago' },
  {
    q: readings
      .window(calendar('day', { timeZone: 'Asia/Kolkata' }))
      .aggregate({ n: count() })
      .output('update'),
  },
)
