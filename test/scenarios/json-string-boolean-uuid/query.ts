import { app, boolean, schema, stream, string, timestamp, uuid } from 'mysimbdp'

/** Nothing is converted between JSON types; a uuid is kept in lower case. */
export const rules = ['1.4']

const readings = stream('readings', {
  schema: schema('reading', { s: string(), b: boolean(), u: uuid(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings.select((r) => ({ s: r.s, b: r.b, u: r.u })).output('append'),
  },
)
