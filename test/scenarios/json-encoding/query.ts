import { app, schema, stream, string, timestamp } from 'mysimbdp'

/**
 * Invalid UTF-8 and unpaired surrogate escapes are rejected; a pair and text beyond ASCII are not. A byte order mark
 * at the start is skipped, a carriage return at the end too.
 */
export const rules = ['1.3']

const readings = stream('readings', {
  schema: schema('reading', { id: string(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings.output('append'),
  },
)
export const gaps = { spark: 'an unpaired surrogate escape is malformed, not wrong_encoding' }
