import { app, int, schema, stream, string, timestamp } from 'mysimbdp'

/**
 * A known field is missing and an unknown one is there: rejected, also where the field is nullable. A field that is
 * null is not missing.
 */
export const rules = ['1.5']

const readings = stream('readings', {
  schema: schema('reading', { id: string(), v: int().nullable(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings.select((r) => ({ id: r.id, v: r.v })).output('append'),
  },
)
