import { decimal, double, int, long, schema, string, timestamp } from 'mysimbdp'

/**
 * One taxi trip, with the fields of the Chicago Data Portal in its order, and the event time.
 * The two `trip_…_timestamp` fields keep the portal's own text; windows go by `event_timestamp`.
 */
export const tripSchema = schema('trip', {
  trip_id: string().nullable(),
  taxi_id: string().nullable(),
  trip_start_timestamp: string().nullable(),
  trip_end_timestamp: string().nullable(),
  trip_seconds: int().nullable(),
  trip_miles: double().nullable(),
  pickup_census_tract: long().nullable(),
  dropoff_census_tract: long().nullable(),
  pickup_community_area: int().nullable(),
  dropoff_community_area: int().nullable(),
  fare: decimal(10, 2).nullable(),
  tips: decimal(10, 2).nullable(),
  tolls: decimal(10, 2).nullable(),
  extras: decimal(10, 2).nullable(),
  trip_total: decimal(10, 2).nullable(),
  payment_type: string().nullable(),
  company: string().nullable(),
  pickup_centroid_latitude: double().nullable(),
  pickup_centroid_longitude: double().nullable(),
  pickup_centroid_location: string().nullable(),
  dropoff_centroid_latitude: double().nullable(),
  dropoff_centroid_longitude: double().nullable(),
  dropoff_centroid_location: string().nullable(),
  event_timestamp: timestamp(),
})
