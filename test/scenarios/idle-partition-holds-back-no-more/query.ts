import { app, count, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

/** A partition without records, or behind, is raised to the others, and their windows close; its own watermark is what a mark says. */
export const rules = ['2.7', '2.4', '2.2']
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
