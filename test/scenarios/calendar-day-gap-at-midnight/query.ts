import { app, calendar, count, schema, stream, string, timestamp } from 'mysimbdp'

/** In Sao Paulo 4 November 2018 begins at 01:00: the clock jumps over midnight at 03:00Z. */
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
