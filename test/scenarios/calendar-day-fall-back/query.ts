import { app, calendar, count, max, schema, stream, string, timestamp } from 'mysimbdp'

/** 3 November 2024 in Chicago has 25 hours; both hours that show 01:30 are in it. */
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
      .window(calendar('day'))
      .aggregate({ n: count(), t: max('at') })
      .output('append'),
  },
)
