import { app, count, lit, max, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

/** The event time stays with the record, also when the column is gone, or replaced by another value. */
export const rules = ['2.1', '3.1']

const readings = stream('readings', {
  schema: schema('reading', { id: string(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    gone: readings
      .select((r) => ({ id: r.id }))
      .window(tumbling('5 seconds'))
      .aggregate({ n: count() })
      .output('update'),
    replaced: readings
      .withColumns(() => ({ at: lit(0, timestamp()) }))
      .window(tumbling('5 seconds'))
      .aggregate({ t: max('at') })
      .output('update'),
  },
)
