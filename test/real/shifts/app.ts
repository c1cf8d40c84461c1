import { app, count, max, session, stream, sum } from 'mysimbdp'
import { portalCsv } from '../../../examples/chicago-taxi/portal-csv.ts'
import { tripSchema } from '../../../examples/chicago-taxi/trip-schema.ts'

const trips = stream('ingestData', {
  schema: tripSchema,
  eventTime: 'event_timestamp',
  watermark: '1 hour',
  csvFormats: [portalCsv],
})

/** Sessions of real trips: of each taxi, of each pickup area, and of first trips alone. */
export default app(
  'shifts',
  { timeZone: 'America/Chicago' },
  {
    taxis: trips
      .window(session('2 hours'))
      .groupBy('taxi_id')
      .aggregate({ trips: count(), fares: sum('fare'), highest: max('trip_total') })
      .output('append'),
    areas: trips
      .window(session('15 minutes'))
      .groupBy('pickup_community_area')
      .aggregate({ trips: count() })
      .output('append'),
    firstOfTaxiAndArea: trips
      .deduplicate('taxi_id', 'pickup_community_area')
      .window(session('30 minutes'))
      .groupBy('pickup_community_area')
      .aggregate({ trips: count(), fares: sum('fare') })
      .output('append'),
  },
)
