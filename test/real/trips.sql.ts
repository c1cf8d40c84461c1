import { answersOf, documentOf, type HandAnswers, type QuerySql, quotePath, type RunMode } from './hand-sql.ts'

/**
 * The queries of `examples/chicago-taxi`, written by hand as SQL over a portal export. Values are cast strictly: a file that holds
 * another kind of bad record than a missing or skipped local time stops the calculation.
 */
export const expectedTrips = (file: string, mode: RunMode): Promise<string> =>
  documentOf('ingestData', { prepare: [...macros, trips(portalExport(file), mode)], input: INPUT, queries })

/**
 * The same over records as they lie in a topic of one partition, as a live stream reads them: a file of lines with `offset` and `value`. A record is rejected that is no JSON, that lacks a field, whose fare is no number, or whose event time is
 * none: the faults that the generator plants. Rows of `append` are there for all windows, also for those that are still open.
 */
export const expectedTripsOfTopic = (file: string): Promise<HandAnswers> =>
  answersOf({ prepare: [...macros, trips(topicRecords(file), 'as-stream')], input: INPUT, queries })

/** The queries of `shifts/app.ts` over a portal export where nothing is late. */
export const expectedShifts = (file: string): Promise<string> =>
  documentOf('ingestData', {
    prepare: [...macros, trips(portalExport(file), 'bounded')],
    input: INPUT,
    queries: {
      taxis: sessions(
        'trips',
        2 * 3_600_000,
        'taxi_id',
        'count(*) AS trips, sum(fare) AS fares, max(trip_total) AS highest',
      ),
      areas: sessions('trips', 15 * 60_000, 'pickup_community_area', 'count(*) AS trips'),
      firstOfTaxiAndArea: sessions(
        FIRSTS,
        30 * 60_000,
        'pickup_community_area',
        'count(*) AS trips, sum(fare) AS fares',
      ),
    },
  })

/** Rule 3.6 where the watermark stays behind: the first record of each key, nulls being equal. */
const FIRSTS = `(
  SELECT * FROM trips WHERE event_time IS NOT NULL
  QUALIFY row_number() OVER (PARTITION BY taxi_id, pickup_community_area ORDER BY "offset") = 1
)`

/** Rule 3.5: a session begins with a record that comes more than the gap after the one before it in event time. */
function sessions(records: string, gapMs: number, group: string, fields: string): QuerySql {
  const ofGroup = `PARTITION BY ${group} ORDER BY event_time`
  return {
    rows: `
      WITH marked AS (
        SELECT *, coalesce(event_time - lag(event_time) OVER (${ofGroup}) > ${gapMs}, true) AS begins FROM ${records} WHERE event_time IS NOT NULL
      ), numbered AS (
        SELECT *, sum(begins::INTEGER) OVER (${ofGroup} RANGE UNBOUNDED PRECEDING) AS number FROM marked
      )
      SELECT iso(min(event_time)) AS window_start, iso(max(event_time) + ${gapMs}) AS window_end, ${group}, ${fields}
      FROM numbered GROUP BY number, ${group} ORDER BY min(event_time), ${group} NULLS FIRST`,
    late: 'SELECT 0::BIGINT',
  }
}

const INPUT = 'SELECT count(*), count(event_time) FROM trips'

const macros = [
  // The wall clock in Chicago at an instant (epoch ms). Chicago is 5 hours behind UTC in summer and 6 in winter.
  `CREATE MACRO wall_clock(ms) AS timezone('America/Chicago', make_timestamptz(ms * 1000))`,
  // Rule 3.4: the first instant that shows this reading, or NULL when the clock skips it. Summer time comes first where a reading occurs twice.
  `CREATE MACRO instant(reading) AS CASE
     WHEN wall_clock(epoch_ms(reading) + 5 * 3600000) = reading THEN epoch_ms(reading) + 5 * 3600000
     WHEN wall_clock(epoch_ms(reading) + 6 * 3600000) = reading THEN epoch_ms(reading) + 6 * 3600000 END`,
  // Rule 6.2.
  `CREATE MACRO iso(ms) AS strftime(wall_clock(ms), '%Y-%m-%dT%H:%M:%S.%g') || CASE epoch_ms(wall_clock(ms)) - ms WHEN -5 * 3600000 THEN '-05:00' WHEN -6 * 3600000 THEN '-06:00' END`,
  // Rule 1.6: "$3,060.50" and "3060.50" are the same money; an empty field is null.
  `CREATE MACRO money(text) AS CAST(replace(replace(nullif(text, ''), '$', ''), ',', '') AS DECIMAL(10, 2))`,
  // Rule 4.2: the mean of decimal(10, 2) has 6 digits, rounded half away from zero once; round to 2 rounds that value again. All in whole numbers.
  `CREATE MACRO half_away(x, divisor) AS sign(x) * ((2 * abs(x) + divisor) // (2 * divisor))`,
  `CREATE MACRO mean_of_cents(cents, n) AS CAST(half_away(half_away(cents * 10000, n), 10000) AS DECIMAL(20, 0)) * CAST(0.01 AS DECIMAL(3, 2))`,
]

/** Every record read, in file order; event_time is NULL where the record is rejected (1.4, 1.5). */
const trips = (records: string, mode: RunMode): string => `
  CREATE TABLE trips AS
  WITH ${records}
  SELECT *,
    -- Rule 2.2: the greatest event time of all earlier accepted records, minus 10 seconds; NULL is minus infinity.
    ${mode === 'bounded' ? 'CAST(NULL AS BIGINT)' : 'max(event_time) OVER (ORDER BY "offset" ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) - 10000'} AS watermark
  FROM timed`

const portalExport = (file: string): string => `
  file AS (
    SELECT row_number() OVER () AS "offset", strptime(nullif("Trip Start Timestamp", ''), '%m/%d/%Y %I:%M:%S %p') AS reading,
      money("Fare") AS fare, money("Tips") AS tips, money("Trip Total") AS trip_total,
      nullif("Taxi ID", '') AS taxi_id, CAST(nullif("Pickup Community Area", '') AS INTEGER) AS pickup_community_area,
      nullif("Pickup Centroid Location", '') AS pickup_centroid_location
    FROM read_csv(${quotePath(file)}, header = true, all_varchar = true, delim = ',', quote = '"', escape = '"')
  ), timed AS (
    SELECT *, instant(reading) AS event_time FROM file
  )`

const topicRecords = (file: string): string => `
  file AS (
    SELECT "offset", CASE WHEN json_valid(value) THEN value ELSE '{}' END AS trip
    FROM read_json(${quotePath(file)}, format = 'newline_delimited', columns = {"offset": 'BIGINT', value: 'VARCHAR'})
  ), stated AS (
    SELECT *, trip->>'$.event_timestamp' AS stated,
      json_exists(trip, '$.trip_id') AND coalesce(json_type(trip, '$.fare'), 'NULL') <> 'VARCHAR' AS whole FROM file
  ), timed AS (
    -- Rule 1.5: a time is a number of milliseconds, or text with its offset.
    SELECT *, CASE WHEN whole THEN coalesce(TRY_CAST(stated AS BIGINT), epoch_ms(TRY_CAST(stated AS TIMESTAMPTZ))) END AS event_time,
      wall_clock(event_time) AS reading,
      CASE WHEN whole THEN CAST(trip->>'$.fare' AS DECIMAL(10, 2)) END AS fare,
      CAST(trip->>'$.tips' AS DECIMAL(10, 2)) AS tips, CAST(trip->>'$.trip_total' AS DECIMAL(10, 2)) AS trip_total,
      CAST(trip->>'$.pickup_community_area' AS INTEGER) AS pickup_community_area,
      trip->>'$.pickup_centroid_location' AS pickup_centroid_location
    FROM stated
  )`

/** Rule 3.2: the windows of 1 minute that hold the event time start at the last half minute, or at the one before. */
const hotspots = (area: string): QuerySql => {
  const windowed = `
    WITH windowed AS (
      SELECT *, event_time - event_time % 30000 - back AS starts_at FROM trips, (VALUES (0), (30000)) AS slides(back) WHERE event_time IS NOT NULL
    ), judged AS (
      -- Rule 2.3.
      SELECT *, coalesce(starts_at + 60000 <= watermark, false) AS late FROM windowed
    )`
  return {
    rows: `${windowed}
      SELECT iso(starts_at) AS window_start, iso(starts_at + 60000) AS window_end, ${area}, count(*) AS count
      FROM judged WHERE NOT late GROUP BY starts_at, ${area} ORDER BY starts_at, ${area} NULLS FIRST`,
    late: `${windowed} SELECT count(DISTINCT "offset") FROM judged WHERE late`,
  }
}

const fiveSeconds = `
  WITH judged AS (
    SELECT *, event_time - event_time % 5000 AS starts_at, coalesce(event_time - event_time % 5000 + 5000 <= watermark, false) AS late
    FROM trips WHERE event_time IS NOT NULL
  )`

/** Rule 3.3, from midnight to midnight on the wall; rule 2.5, with 400 days to keep. */
const days = `
  WITH dated AS (
    SELECT *, instant(date_trunc('day', reading)) AS starts_at, instant(date_trunc('day', reading) + INTERVAL 1 DAY) AS ends_at
    FROM trips WHERE event_time IS NOT NULL
  ), judged AS (
    SELECT *, coalesce(ends_at <= watermark - 400 * 86400000::BIGINT, false) AS late FROM dated
  )`

const queries: Readonly<Record<string, QuerySql>> = {
  sumFareWindow: {
    rows: `${fiveSeconds}
      SELECT iso(starts_at) AS window_start, iso(starts_at + 5000) AS window_end,
        sum(fare) AS total_fare, sum(tips) AS tips_fare, sum(trip_total) AS total_trip_total
      FROM judged WHERE NOT late GROUP BY starts_at ORDER BY starts_at`,
    late: `${fiveSeconds} SELECT count(*) FROM judged WHERE late`,
  },
  tripsTotal: {
    rows: `${days}
      SELECT iso(starts_at) AS window_start, iso(ends_at) AS window_end, count(*) AS trips_total, sum(fare) AS fare_total,
        mean_of_cents(CAST(sum(tips) * 100 AS HUGEINT), count(tips)) AS tips_avg,
        mean_of_cents(CAST(sum(trip_total) * 100 AS HUGEINT), count(trip_total)) AS trip_total_avg
      FROM judged WHERE NOT late GROUP BY starts_at, ends_at ORDER BY starts_at`,
    late: `${days} SELECT count(*) FROM judged WHERE late`,
  },
  hotspotCommunityPickupWindow: hotspots('pickup_community_area'),
  hotspotWindow: hotspots('pickup_centroid_location'),
}
