import { app, calendar, count, schema, stream, string, timestamp } from 'mysimbdp'

/**
 * At the end of 17 February 2018 the clock of Sao Paulo goes back from 24:00 to 23:00: it does not show the 18th
 * before 03:00Z.
 */
export const rules = ['3.3']

const readings = stream('readings', {
  schema: schema('reading', { id: string(), at: timestamp() }),
  eventTime: 'at',
  watermark: '2 days',
})

export default app(
  'scenario',
  { timeZone: 'America/Sao_Paulo' },
  {
    q: readings.window(calendar('day')).aggregate({ n: count() }).output('update'),
  },
)
