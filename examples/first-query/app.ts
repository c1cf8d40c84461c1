import { app, avg, count, decimal, max, round, schema, stream, string, timestamp, tumbling } from 'mysimbdp'

const reading = schema('reading', { sensor: string(), at: timestamp(), celsius: decimal(5, 1).nullable() })

const readings = stream('readings', { schema: reading, eventTime: 'at', watermark: '10 seconds' })

export default app(
  'greenhouse',
  { timeZone: 'Europe/Berlin' },
  {
    warmth: readings
      .window(tumbling('1 minute'))
      .groupBy('sensor')
      .aggregate({ readings: count(), average: round(avg('celsius'), 2), hottest: max('celsius') })
      .output('append'),
  },
)
