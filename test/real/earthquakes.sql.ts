import { documentOf, type QuerySql, quotePath, type RunMode } from './hand-sql.ts'

/** The queries of `examples/earthquakes`, written by hand as SQL over the survey's CSV. Values are cast strictly: a bad record stops the calculation. */
export const expectedEarthquakes = (file: string, mode: RunMode): Promise<string> =>
  documentOf('quakes', {
    prepare: [ISO, quakes(file, mode)],
    input: 'SELECT count(*), count(event_time) FROM quakes',
    queries,
  })

/** Rule 6.2, in UTC. */
const ISO = `CREATE MACRO iso(ms) AS strftime(make_timestamp(ms * 1000), '%Y-%m-%dT%H:%M:%S.%gZ')`

/** Every record in file order. */
const quakes = (file: string, mode: RunMode): string => `
  CREATE TABLE quakes AS
  WITH file AS (
    SELECT row_number() OVER () AS "offset", epoch_ms(CAST(time AS TIMESTAMPTZ)) AS event_time,
      CAST(nullif(mag, '') AS DOUBLE) AS mag, CAST(nullif(depth, '') AS DOUBLE) AS depth, CAST(nullif(rms, '') AS DOUBLE) AS rms,
      nullif(net, '') AS net, nullif(magType, '') AS "magType", nullif(place, '') AS place, nullif(status, '') AS status
    FROM read_csv(${quotePath(file)}, header = true, all_varchar = true, delim = ',', quote = '"', escape = '"')
  )
  SELECT *,
    -- Rule 2.2: the greatest event time of all earlier records, minus 1 hour; NULL is minus infinity.
    ${mode === 'bounded' ? 'CAST(NULL AS BIGINT)' : 'max(event_time) OVER (ORDER BY "offset" ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) - 3600000'} AS watermark
  FROM file`

const hours = `
  WITH judged AS (
    SELECT *, event_time - event_time % 3600000 AS starts_at, coalesce(event_time - event_time % 3600000 + 3600000 <= watermark, false) AS late FROM quakes
  )`

/** Days of UTC have 24 hours; rule 2.5, with 400 days to keep. */
const days = `
  WITH judged AS (
    SELECT *, event_time - event_time % 86400000 AS starts_at,
      coalesce(event_time - event_time % 86400000 + 86400000 <= watermark - 400 * 86400000::BIGINT, false) AS late
    FROM quakes
  )`

/** Rule 2.2: the filter comes after the watermark. Rule 3.2: the windows that hold the event time start at the last even hour and at the two before. */
const sixHours = `
  WITH windowed AS (
    SELECT *, event_time - event_time % 7200000 - back AS starts_at
    FROM quakes, (VALUES (0), (7200000), (14400000)) AS slides(back) WHERE status = 'reviewed'
  ), judged AS (
    SELECT *, coalesce(starts_at + 21600000 <= watermark, false) AS late FROM windowed
  )`

const queries: Readonly<Record<string, QuerySql>> = {
  byRegionHour: {
    rows: `${hours}
      SELECT iso(starts_at) AS window_start, iso(starts_at + 3600000) AS window_end, net, count(*) AS quakes, max(mag) AS strongest, max(depth) AS deepest
      FROM judged WHERE NOT late GROUP BY starts_at, net ORDER BY starts_at, net NULLS FIRST`,
    late: `${hours} SELECT count(*) FROM judged WHERE late`,
  },
  dailyMagnitude: {
    rows: `${days}
      SELECT iso(starts_at) AS window_start, iso(starts_at + 86400000) AS window_end, count(*) AS quakes, count(*) FILTER (WHERE mag >= 4.5) AS strong, fsum(mag) / count(mag) AS mag_avg,
        -- Rule 4.8.
        first(place ORDER BY event_time, "offset") FILTER (WHERE place IS NOT NULL) AS first_place,
        last(place ORDER BY event_time, "offset") FILTER (WHERE place IS NOT NULL) AS last_place
      FROM judged WHERE NOT late GROUP BY starts_at ORDER BY starts_at`,
    late: `${days} SELECT count(*) FROM judged WHERE late`,
  },
  reviewed: {
    rows: `${sixHours}
      SELECT iso(starts_at) AS window_start, iso(starts_at + 21600000) AS window_end, "magType", count(*) AS quakes,
        min(mag) AS mag_min, fsum(mag) AS mag_sum, fsum(rms) / count(rms) AS rms_avg
      FROM judged WHERE NOT late GROUP BY starts_at, "magType" ORDER BY starts_at, "magType" NULLS FIRST`,
    late: `${sixHours} SELECT count(DISTINCT "offset") FROM judged WHERE late`,
  },
}
