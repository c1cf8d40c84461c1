import {
  app,
  boolean,
  count,
  date,
  decimal,
  double,
  float,
  int,
  long,
  schema,
  stream,
  string,
  sum,
  timestamp,
  tumbling,
  uuid,
} from 'mysimbdp'

const everyType = schema('everyType', {
  id: string(),
  at: timestamp(),
  whole: int().nullable(),
  wide: long().nullable(),
  single: float().nullable(),
  real: double().nullable(),
  money: decimal(10, 2).nullable(),
  flag: boolean().nullable(),
  day: date().nullable(),
  key: uuid().nullable(),
})

const events = stream('events', { schema: everyType, eventTime: 'at', watermark: '10 seconds' })

/** A field of every type, for input that tries to break them. */
export default app(
  'everytype',
  { timeZone: 'Europe/Berlin' },
  {
    hourly: events
      .window(tumbling('1 hour'))
      .aggregate({ records: count(), wide: sum('wide'), money: sum('money') })
      .output('append'),
    ids: events.filter((event) => event.id.notEqual('')).output('append'),
  },
)
