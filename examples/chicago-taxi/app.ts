import { app, avg, calendar, count, round, sliding, stream, sum, tumbling } from 'mysimbdp'
import { generateTrips, sampleDefaults } from './generator/generate-trips.ts'
import { portalCsv } from './portal-csv.ts'
import { tripSchema } from './trip-schema.ts'

const trips = stream('ingestData', {
  schema: tripSchema,
  eventTime: 'event_timestamp',
  watermark: '10 seconds',
  csvFormats: [portalCsv],
  sample: { defaults: sampleDefaults, generate: generateTrips },
})

/** A taxi company's live figures: takings every five seconds, the day so far, and where trips begin. */
export default app(
  'tenantstreamapp',
  { timeZone: 'America/Chicago' },
  {
    sumFareWindow: trips
      .window(tumbling('5 seconds'))
      .aggregate({
        total_fare: round(sum('fare'), 2),
        tips_fare: round(sum('tips'), 2),
        total_trip_total: round(sum('trip_total'), 2),
      })
      .output('update'),

    tripsTotal: trips
      .window(calendar('day'))
      .aggregate({
        trips_total: count(),
        fare_total: round(sum('fare'), 2),
        tips_avg: round(avg('tips'), 2),
        trip_total_avg: round(avg('trip_total'), 2),
      })
      .output('complete'),

    hotspotCommunityPickupWindow: trips
      .window(sliding('1 minute', '30 seconds'))
      .groupBy('pickup_community_area')
      .aggregate({ count: count() })
      .output('append', { table: 'hotspotcommunitywindow' }),

    hotspotWindow: trips
      .window(sliding('1 minute', '30 seconds'))
      .groupBy('pickup_centroid_location')
      .aggregate({ count: count() })
      .output('append'),
  },
)
