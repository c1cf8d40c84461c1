import { app, decimal, double, int, long, schema, stream, timestamp } from 'mysimbdp'

/** Whole numbers as long, null where 64 bits do not hold them; int and long stay. */
export const rules = ['4.4', '4.5']

const readings = stream('readings', {
  schema: schema('reading', { v: decimal(6, 2), d: double(), i: int(), l: long(), at: timestamp() }),
  eventTime: 'at',
  watermark: '10 seconds',
})

export default app(
  'scenario',
  { timeZone: 'UTC' },
  {
    q: readings
      .select((r) => ({
        fv: r.v.floor(),
        cv: r.v.ceil(),
        fd: r.d.floor(),
        cd: r.d.ceil(),
        fi: r.i.floor(),
        cl: r.l.ceil(),
        ri: r.i.round(0),
      }))
      .output('append'),
  },
)
