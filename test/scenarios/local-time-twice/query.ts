import { app, schema, stream, string, timestamp } from 'mysimbdp'

/**
 * 01:30 occurs twice on 3 November 2024 in Chicago: the first one, at 06:30Z, is meant, and it is counted. An offset
 * leaves no doubt. 02:30 on 10 March does not exist.
 */
export const rules = ['3.4', '1.4']

const readings = stream('readings', {
  schema: schema('reading', { id: string(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'America/Chicago' },
  {
    q: readings.select((r) => ({ at: r.at })).output('append'),
  },
)
