import type { CsvFormat } from 'mysimbdp'

/**
 * Exports of taxi trips from the Chicago Data Portal, in both forms there are: 23 columns with plain numbers, and an older
 * one with `$` before money, separators in large numbers, and `Community Areas` as a 24th column that says nothing of the trip.
 * The two spaces in `Dropoff Centroid  Location` are the portal's.
 */
export const portalCsv: CsvFormat = {
  name: 'chicago-data-portal',
  columns: {
    trip_id: 'Trip ID',
    taxi_id: 'Taxi ID',
    trip_start_timestamp: 'Trip Start Timestamp',
    trip_end_timestamp: 'Trip End Timestamp',
    trip_seconds: 'Trip Seconds',
    trip_miles: 'Trip Miles',
    pickup_census_tract: 'Pickup Census Tract',
    dropoff_census_tract: 'Dropoff Census Tract',
    pickup_community_area: 'Pickup Community Area',
    dropoff_community_area: 'Dropoff Community Area',
    fare: 'Fare',
    tips: 'Tips',
    tolls: 'Tolls',
    extras: 'Extras',
    trip_total: 'Trip Total',
    payment_type: 'Payment Type',
    company: 'Company',
    pickup_centroid_latitude: 'Pickup Centroid Latitude',
    pickup_centroid_longitude: 'Pickup Centroid Longitude',
    pickup_centroid_location: 'Pickup Centroid Location',
    dropoff_centroid_latitude: 'Dropoff Centroid Latitude',
    dropoff_centroid_longitude: 'Dropoff Centroid Longitude',
    dropoff_centroid_location: 'Dropoff Centroid  Location',
    event_timestamp: 'Trip Start Timestamp',
  },
  ignored: ['Community Areas'],
  currency: '$',
  thousands: ',',
  timestampPattern: 'MM/DD/YYYY hh:mm:ss A',
}
