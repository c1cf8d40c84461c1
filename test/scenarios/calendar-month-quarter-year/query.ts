import { app, calendar, count, schema, stream, string, timestamp } from 'mysimbdp'

/**
 * 31 March 2024 23:59:59.999 in Chicago (CDT) is in the first quarter, a ms later in the second; the year began in
 * CST. Both are in 2024.
 */
export const rules = ['3.3']

const readings = stream('readings', {
  schema: schema('reading', { id: string(), at: timestamp() }),
  eventTime: 'at',
  watermark: '60 days',
})

export default app(
  'scenario',
  { timeZone: 'America/Chicago' },
  {
    m: readings.window(calendar('month')).aggregate({ n: count() }).output('update'),
    q: readings.window(calendar('quarter')).aggregate({ n: count() }).output('update'),
    y: readings.window(calendar('year')).aggregate({ n: count() }).output('update'),
  },
)
