import { app, int, schema, stream, string, timestamp } from 'mysimbdp'

/** What is left out before is no first record, and a key may be a column that was made before. The second step has keys of its own. */
export const rules = ['3.6']
export const gaps = { duckdb: 'one SQL query does not follow which keys still live' }

const readings = stream('readings', {
  schema: schema('reading', { id: string(), at: timestamp(), v: int() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings
      .filter((row) => row.v.greater(0))
      .withColumns((row) => ({ name: row.id.lower() }))
      .deduplicate('name')
      .deduplicate('v')
      .select((row) => ({ id: row.id, v: row.v }))
      .output('append'),
  },
)
