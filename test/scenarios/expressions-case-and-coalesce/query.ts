import { app, caseWhen, coalesce, int, schema, stream, timestamp } from 'mysimbdp'

/** The first true branch counts; without otherwise the rest is null; branches share the type that holds them all. */
export const rules = ['4.1', '4.2']

const readings = stream('readings', {
  schema: schema('reading', { v: int().nullable(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings
      .select((r) => ({
        size: caseWhen(r.v.greater(10), 'big').when(r.v.greater(5), 'mid').otherwise('small'),
        big: caseWhen(r.v.greater(10), r.v),
        mixed: caseWhen(r.v.greater(10), r.v).otherwise(0.5),
        v: coalesce(r.v, -1),
        w: coalesce(r.v, 2.5),
      }))
      .output('append'),
  },
)
