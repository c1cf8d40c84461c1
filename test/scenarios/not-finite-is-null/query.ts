import { app, double, float, schema, stream, sum, timestamp, tumbling } from 'mysimbdp'

/** An operation on doubles whose result is not finite gives null; a sum too. */
export const rules = ['4.4', '4.5']

const readings = stream('readings', {
  schema: schema('reading', { v: double(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings
      .select((r) => ({
        mul: r.v.multiply(10),
        add: r.v.add(r.v),
        div: r.v.divide(0),
        mod: r.v.modulo(0),
        small: r.v.cast(float()),
      }))
      .output('append'),
    w: readings
      .window(tumbling('5 seconds'))
      .aggregate({ s: sum('v') })
      .output('update'),
  },
)
