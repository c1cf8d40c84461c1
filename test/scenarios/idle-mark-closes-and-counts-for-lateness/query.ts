import { app, count, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

/** A mark closes windows like a record would, and what comes after it is late by it. A mark that is behind changes nothing. */
export const rules = ['2.7', '2.3', '2.4']
export const end = 'open'
export const gaps = { duckdb: 'idle marks belong to live streams', spark: 'no idle marks' }

const readings = stream('readings', {
  schema: schema('reading', { id: string(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings.window(tumbling('5 seconds')).aggregate({ n: count() }).output('append'),
  },
)
