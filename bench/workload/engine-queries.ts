import { app, avg, calendar, count, countIf, max, min, sliding, stream, sum, tumbling } from 'mysimbdp'
import type { QueryPlan } from '#language/plan/plan.ts'
import taxi from '../../examples/chicago-taxi/app.ts'
import { tripSchema } from '../../examples/chicago-taxi/trip-schema.ts'

const TIME_ZONE = taxi.plan.timeZone
const trips = stream('ingestData', { schema: tripSchema, eventTime: 'event_timestamp', watermark: '10 seconds' })

const plansOf = (queries: Parameters<typeof app>[2]): readonly QueryPlan[] =>
  app('bench', { timeZone: TIME_ZONE }, queries).plan.queries

/** Twenty queries as tenants write them: the four, and sixteen over the same fields, keys and windows in other combinations. */
function twenty(): readonly QueryPlan[] {
  const windows = [tumbling('5 seconds'), tumbling('30 seconds'), sliding('1 minute', '30 seconds'), calendar('day')]
  const keys = ['pickup_community_area', 'pickup_centroid_location', 'payment_type', 'company'] as const
  const queries = windows.flatMap((window, w) =>
    keys.map((key, k) => {
      const aggregates = { trips: count(), fare: sum('fare'), tips: avg('tips') }
      const name = `q${w * keys.length + k}`
      return k % 2 === 0
        ? [name, trips.window(window).aggregate(aggregates).output('update')]
        : [name, trips.window(window).groupBy(key).aggregate({ trips: count() }).output('append')]
    }),
  )
  return [...taxi.plan.queries, ...plansOf(Object.fromEntries(queries))]
}

/** Ten times the open windows of the two queries with keys. */
const manyWindows = (): readonly QueryPlan[] => {
  const window = sliding('1 minute', '3 seconds')
  return plansOf({
    byArea: trips.window(window).groupBy('pickup_community_area').aggregate({ trips: count() }).output('append'),
    byCentroid: trips.window(window).groupBy('pickup_centroid_location').aggregate({ trips: count() }).output('append'),
  })
}

/** Filters and computed columns before the window. */
const filtered = (): readonly QueryPlan[] =>
  plansOf({
    longTrips: trips
      .filter(({ trip_miles, payment_type }) => trip_miles.greater(2).and(payment_type.equal('Cash').not()))
      .window(tumbling('5 seconds'))
      .aggregate({ trips: count(), fare: sum('fare') })
      .output('append'),
    tipped: trips
      .filter(({ tips, fare }) => tips.isNotNull().and(fare.greater(10)))
      .window(tumbling('30 seconds'))
      .groupBy('pickup_community_area')
      .aggregate(({ tips, fare }) => ({ tipped: countIf(tips.greater(0)), both: sum(tips.add(fare)) }))
      .output('append'),
  })

/** Every kind of accumulator and of key. */
const mixed = (): readonly QueryPlan[] =>
  plansOf({
    extremes: trips
      .window(tumbling('5 seconds'))
      .aggregate({
        low: min('fare'),
        high: max('trip_miles'),
        tract: max('pickup_census_tract'),
        miles: sum('trip_miles'),
      })
      .output('append'),
    pairs: trips
      .window(tumbling('30 seconds'))
      .groupBy('pickup_community_area', 'payment_type')
      .aggregate({ trips: count(), fare: avg('fare'), miles: max('trip_miles') })
      .output('append'),
    tracts: trips
      .window(tumbling('30 seconds'))
      .groupBy('pickup_census_tract')
      .aggregate({ trips: count() })
      .output('append'),
  })

const workloads: Readonly<Record<string, () => readonly QueryPlan[]>> = {
  four: () => taxi.plan.queries,
  twenty,
  'many-windows': manyWindows,
  filtered,
  mixed,
}

export const workloadNames = (): readonly string[] => Object.keys(workloads)

/** The queries of a workload by name; undefined for a name that is none. */
export const queriesOf = (name: string): readonly QueryPlan[] | undefined => workloads[name]?.()
