import { parseArgs } from 'node:util'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { type ResultRow, writeRows } from '../../expected/result-row.ts'

/**
 * The four queries in DuckDB over a file of NDJSON: `node bench/peers/duckdb/duckdb-trips.ts <file> --threads <n> --rows <file>`. A batch engine: it reads the whole
 * file first, nothing is late, and no window closes. It reads the six fields that the queries need, once.
 */
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { threads: { type: 'string', default: '1' }, rows: { type: 'string' } },
})
const [file] = positionals as [string]

const FIELDS = `{
  event_timestamp: 'BIGINT', fare: 'DECIMAL(10, 2)', tips: 'DECIMAL(10, 2)', trip_total: 'DECIMAL(10, 2)',
  pickup_community_area: 'INTEGER', pickup_centroid_location: 'VARCHAR'
}`

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`

const readTrips = `CREATE TEMP TABLE trips AS
  SELECT * FROM read_json(${quoted(file)}, format = 'newline_delimited', columns = ${FIELDS})`

/** The mean of cents, rounded to six decimals and then to two, each time half away from zero, in whole numbers as money never is below zero. */
const average = (field: string): string => {
  const sixDecimals = `(2 * sum(CAST(${field} * 100 AS HUGEINT)) * 10000 + count(${field})) // (2 * count(${field}))`
  return `CAST((2 * (${sixDecimals}) + 10000) // 20000 AS DOUBLE) / 100`
}

const hotspots = (field: string): string => `
  SELECT starts_at, CAST(${field} AS VARCHAR), sum(trips) FROM (
    SELECT event_timestamp // 30000 * 30000 AS half_minute, ${field}, count(*) AS trips FROM trips GROUP BY ALL
  ), LATERAL (VALUES (half_minute), (half_minute - 30000)) AS windows(starts_at)
  GROUP BY ALL`

/** A local day, by the hours that the city's clocks are behind UTC at each instant; the input of the bench holds no change of the clocks. */
const CHICAGO_SUMMER_MS = 5 * 3_600_000

const queries: Readonly<Record<string, string>> = {
  sumFareWindow: `
    SELECT event_timestamp // 5000 * 5000 AS starts_at, NULL, sum(fare), sum(tips), sum(trip_total) FROM trips GROUP BY starts_at`,
  tripsTotal: `
    SELECT (event_timestamp - ${CHICAGO_SUMMER_MS}) // 86400000 * 86400000 + ${CHICAGO_SUMMER_MS} AS starts_at, NULL,
      count(*), sum(fare), ${average('tips')}, ${average('trip_total')}
    FROM trips GROUP BY starts_at`,
  hotspotCommunityPickupWindow: hotspots('pickup_community_area'),
  hotspotWindow: hotspots('pickup_centroid_location'),
}

async function rowsOf(connection: DuckDBConnection, query: string): Promise<readonly ResultRow[]> {
  const rows = (await connection.runAndReadAll(queries[query]!)).getRowsJson()
  return rows.map(([start, group, ...numbers]) => [
    query,
    Number(start),
    group as string | null,
    ...numbers.map((value) => (value === null ? null : Number(value))),
  ])
}

const settings = {
  threads: values.threads,
  preserve_insertion_order: 'false',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
}
const instance = await DuckDBInstance.create(':memory:', settings)
const connection = await instance.connect()
await connection.run(readTrips)
const rows: ResultRow[] = []
for (const query of Object.keys(queries)) rows.push(...(await rowsOf(connection, query)))
if (values.rows !== undefined) writeRows(values.rows, rows)
connection.closeSync()
instance.closeSync()
