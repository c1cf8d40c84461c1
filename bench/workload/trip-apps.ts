import { type App, app, avg, calendar, count, max, round, sliding, stream, sum, tumbling } from 'mysimbdp'
import { tripSchema } from '../../examples/chicago-taxi/trip-schema.ts'
import { fourQueries, type TripQuery, type TripWindow, tenfoldWindows, twentyQueries } from './trip-queries.ts'

/** The apps that are measured. Each reads the stream `ingestData`, so that the same files serve them all. */
export const STREAM = 'ingestData'

const trips = stream(STREAM, { schema: tripSchema, eventTime: 'event_timestamp', watermark: '10 seconds' })

const duration = (ms: number): `${number} seconds` => `${ms / 1000} seconds`

function windowOf(window: TripWindow) {
  if (window.kind === 'day') return calendar('day')
  const { sizeMs, slideMs } = window
  return sizeMs === slideMs ? tumbling(duration(sizeMs)) : sliding(duration(sizeMs), duration(slideMs))
}

const sums = {
  total_fare: round(sum('fare'), 2),
  tips_fare: round(sum('tips'), 2),
  total_trip_total: round(sum('trip_total'), 2),
}
const dayTotals = {
  trips_total: count(),
  fare_total: round(sum('fare'), 2),
  tips_avg: round(avg('tips'), 2),
  trip_total_avg: round(avg('trip_total'), 2),
}
const fares = { fare_total: round(sum('fare'), 2), fare_max: max('fare') }

function draftOf({ window, groupField, result, mode }: TripQuery) {
  const windowed = trips.window(windowOf(window))
  const grouped = groupField === null ? windowed : windowed.groupBy(groupField)
  switch (result) {
    case 'sums':
      return grouped.aggregate(sums).output(mode)
    case 'day-totals':
      return grouped.aggregate(dayTotals).output(mode)
    case 'count':
      return grouped.aggregate({ count: count() }).output(mode)
    case 'fares':
      return grouped.aggregate(fares).output(mode)
  }
}

/** @param name of the tenant */
export const tripApp = (name: string, queries: readonly TripQuery[]): App =>
  app(name, { timeZone: 'America/Chicago' }, Object.fromEntries(queries.map((query) => [query.name, draftOf(query)])))

/** What a job may be asked to run, by name. */
export const measuredQueries = {
  four: fourQueries,
  'tenfold-windows': tenfoldWindows,
  twenty: twentyQueries,
} as const satisfies Readonly<Record<string, readonly TripQuery[]>>

export type MeasuredQueries = keyof typeof measuredQueries
