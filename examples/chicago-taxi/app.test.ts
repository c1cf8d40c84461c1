import assert from 'node:assert/strict'
import { test } from 'node:test'
import taxi from './app.ts'
import { portalCsv } from './portal-csv.ts'
import { tripSchema } from './trip-schema.ts'

const HEADER_2025 =
  'Trip ID,Taxi ID,Trip Start Timestamp,Trip End Timestamp,Trip Seconds,Trip Miles,Pickup Census Tract,Dropoff Census Tract,' +
  'Pickup Community Area,Dropoff Community Area,Fare,Tips,Tolls,Extras,Trip Total,Payment Type,Company,Pickup Centroid Latitude,' +
  'Pickup Centroid Longitude,Pickup Centroid Location,Dropoff Centroid Latitude,Dropoff Centroid Longitude,Dropoff Centroid  Location'

/** Name, table, mode, window, group and result fields of each query. */
const shape = taxi.plan.queries.map(({ name, table, output }) => {
  assert.equal(output.input.kind, 'WindowAggregate')
  const { window, groupBy, columns, input } = output.input
  assert.equal(input.kind, 'Source')
  return { name, table, mode: output.mode, window, groupBy, fields: columns.map((column) => column.name) }
})

test('the app is the tenant of the reference system', () => {
  assert.equal(taxi.plan.name, 'tenantstreamapp')
  assert.equal(taxi.plan.timeZone, 'America/Chicago')
  assert.deepEqual(Object.keys(taxi.streams), ['ingestData'])
})

test('the four queries keep their names, tables, windows, modes and result fields', () => {
  const sliding = { kind: 'sliding', sizeMs: 60_000, slideMs: 30_000, offsetMs: 0 }
  const day = { kind: 'calendar', unit: 'day', timeZone: 'America/Chicago' }
  assert.deepEqual(shape, [
    {
      name: 'sumFareWindow',
      table: 'sumfarewindow',
      mode: 'update',
      window: { kind: 'tumbling', sizeMs: 5_000, offsetMs: 0 },
      groupBy: [],
      fields: ['total_fare', 'tips_fare', 'total_trip_total'],
    },
    {
      name: 'tripsTotal',
      table: 'tripstotal',
      mode: 'complete',
      window: day,
      groupBy: [],
      fields: ['trips_total', 'fare_total', 'tips_avg', 'trip_total_avg'],
    },
    {
      name: 'hotspotCommunityPickupWindow',
      table: 'hotspotcommunitywindow',
      mode: 'append',
      window: sliding,
      groupBy: ['pickup_community_area'],
      fields: ['count'],
    },
    {
      name: 'hotspotWindow',
      table: 'hotspotwindow',
      mode: 'append',
      window: sliding,
      groupBy: ['pickup_centroid_location'],
      fields: ['count'],
    },
  ])
})

test('trips have 24 fields, and all but the event time may be missing', () => {
  assert.equal(tripSchema.fields.length, 24)
  assert.deepEqual(
    tripSchema.fields.filter(({ nullable }) => !nullable).map(({ name }) => name),
    ['event_timestamp'],
  )
})

test("the CSV format reads every field from a column of the portal's export, and knows the older one", () => {
  const columns = new Set(Object.values(portalCsv.columns))
  assert.deepEqual(
    Object.keys(portalCsv.columns),
    tripSchema.fields.map(({ name }) => name),
  )
  assert.deepEqual([...columns], HEADER_2025.split(','))
  assert.deepEqual(portalCsv.ignored, ['Community Areas'])
  assert.deepEqual(taxi.streams.ingestData?.csvFormats, [portalCsv])
})
