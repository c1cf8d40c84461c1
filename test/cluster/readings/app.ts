import { app, count, decimal, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

const reading = schema('reading', { at: timestamp(), sensor: string(), value: decimal(8, 2).nullable() })

const readings = stream('readings', { schema: reading, eventTime: 'at', watermark: '1 hour', maxFutureSkew: '1 day' })

/** One query, and records of which some are wrong. */
export default app(
  'readings',
  { timeZone: 'UTC' },
  { days: readings.window(tumbling('1 day')).groupBy('sensor').aggregate({ n: count() }).output('complete') },
)
