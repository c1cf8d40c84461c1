import { boolean, decimal, double, int, schema, stream, string, timestamp } from 'mysimbdp'

const trip = schema('trip', {
  at: timestamp(),
  company: string(),
  fare: decimal(10, 2),
  miles: double(),
  passengers: int(),
  shared: boolean(),
})

export const trips = stream('trips', { schema: trip, eventTime: 'at', watermark: '10 seconds' })
/** The same without a watermark. */
export const unmarked = stream('unmarked', { schema: trip, eventTime: 'at' })
