import {
  app,
  caseWhen,
  count,
  countIf,
  decimal,
  int,
  max,
  min,
  round,
  schema,
  stream,
  sum,
  timestamp,
  tumbling,
} from 'mysimbdp'

/** Expressions over aggregates: quotients, differences, cases. */
export const rules = ['4.2', '4.4']

const readings = stream('readings', {
  schema: schema('reading', { v: decimal(10, 2), i: int(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings
      .window(tumbling('5 seconds'))
      .aggregate((r) => ({
        mean: round(sum('v').divide(count()), 2),
        range: max('v').subtract(min('v')),
        share: countIf(r.i.greater(1)).divide(count()),
        size: caseWhen(count().greater(2), 'many').otherwise('few'),
        twice: sum(r.i.multiply(2)),
        plus: sum('i').add(count()),
      }))
      .output('update'),
  },
)
