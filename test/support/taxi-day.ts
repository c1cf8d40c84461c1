import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { liveRows } from './live-rows.ts'
import { product, type RunRows } from './run-rows.ts'

export const EXAMPLE = 'examples/chicago-taxi'
export const APP = 'tenantstreamapp'

const repository = fileURLToPath(new URL('../../', import.meta.url))
const trips = join(process.env.MYSIMBDP_DATA ?? join(repository, '../shared/data'), 'trips')
const REAL_DAYS = ['2022-03-01', '2022-04-01'] as const
const APPENDING = ['hotspotCommunityPickupWindow', 'hotspotWindow']
/** Of a tenth of a second: Kafka Connect takes its time on a busy machine. */
const ATTEMPTS = 3000

/** A real day of trips where it is at hand; else a generated one of the same size. */
export function taxiDay(folder: string): string {
  return realDay(REAL_DAYS[0], folder)
}

/** Both real days, and a generated one behind them with the faults that the generator plants. They lie within the 400 days that a `complete` query keeps. */
export const taxiDays = (folder: string): readonly string[] => [
  ...REAL_DAYS.map((date) => realDay(date, folder)),
  generatedDay('2022-04-02', folder),
]

function realDay(date: string, folder: string): string {
  const file = join(trips, `chicago_taxi_${date}_portal23.csv.gz`)
  return existsSync(file) ? file : generatedDay(date, folder)
}

function generatedDay(date: string, folder: string): string {
  const file = join(folder, `${date}.ndjson`)
  product(['generate', EXAMPLE, '--date', date, '--records', '17000', '--out', file])
  return file
}

export const isAppending = (query: string): boolean => APPENDING.includes(query)

/** Rows that a live stream has at its end: of an append query those of windows that the watermark has closed (semantics 2.8). */
export const rowsAtEnd = (query: string, rows: readonly string[], watermarkMs: number): readonly string[] =>
  isAppending(query) ? rows.filter((row) => Date.parse(/"end":"([^"]+)"/.exec(row)![1]!) <= watermarkMs) : rows

/** The watermark that the job has come to once it has read all of the input. */
export async function lastWatermark(url: string, wanted: RunRows, what: string): Promise<number> {
  await assertRowsOf(url, 'tripsTotal', wanted.queries.get('tripsTotal')!, what)
  const response = await fetch(`${url}/v1/apps/${APP}`)
  const { job } = (await response.json()) as { job: { queries: { query: string; closedUpToMs: number }[] } }
  return job.queries.find(({ query }) => query === 'hotspotWindow')!.closedUpToMs
}

/** Waits until the platform serves exactly the rows of the run. */
export async function assertRows(url: string, wanted: RunRows, watermarkMs: number, what: string): Promise<void> {
  for (const [query, rows] of wanted.queries) await assertRowsOf(url, query, rowsAtEnd(query, rows, watermarkMs), what)
}

async function assertRowsOf(url: string, query: string, expected: readonly string[], what: string): Promise<void> {
  assert.ok(expected.length > 0)
  let found: readonly string[] = []
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    found = await liveRows(url, APP, query)
    // Any of the rows may be the one that arrives last.
    if (isDeepStrictEqual(found, expected)) break
    await delay(100)
  }
  assert.deepEqual(found, expected, `${query}, ${what}`)
}
